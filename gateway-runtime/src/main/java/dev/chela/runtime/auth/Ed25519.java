package dev.chela.runtime.auth;

/// Ed25519 by the low-level class of BouncyCastle: the JDK's own takes ten times as long, and it is most of a handshake.
public final class Ed25519 {

    /// The size of a public key.
    static final int KEY_SIZE = org.bouncycastle.math.ec.rfc8032.Ed25519.PUBLIC_KEY_SIZE;
    /// The size of a signature.
    static final int SIGNATURE_SIZE = org.bouncycastle.math.ec.rfc8032.Ed25519.SIGNATURE_SIZE;

    private Ed25519() {}

    /// Whether the key has signed the text.
    static boolean verify(byte[] key, byte[] text, byte[] signature) {
        return org.bouncycastle.math.ec.rfc8032.Ed25519.verify(signature, 0, key, 0, text, 0, text.length);
    }

    /// The public key of a seed of 32 bytes.
    public static byte[] publicKey(byte[] seed) {
        byte[] key = new byte[KEY_SIZE];
        org.bouncycastle.math.ec.rfc8032.Ed25519.generatePublicKey(seed, 0, key, 0);
        return key;
    }

    /// Signs a text with a seed of 32 bytes.
    public static byte[] sign(byte[] seed, byte[] text) {
        byte[] signature = new byte[SIGNATURE_SIZE];
        org.bouncycastle.math.ec.rfc8032.Ed25519.sign(seed, 0, text, 0, text.length, signature, 0);
        return signature;
    }
}
