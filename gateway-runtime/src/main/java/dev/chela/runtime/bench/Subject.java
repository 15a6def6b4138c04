package dev.chela.runtime.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;

import dev.chela.runtime.instance.PortOwner;

/// The server that is measured, and as whom.
///
/// @param uri where it listens
/// @param credentials what its clients show
/// @param process its process, if that can be known and is not this one
public record Subject(URI uri, Credentials credentials, OptionalLong process) {

    /// A server whose process is found by its port, where the system tells.
    public static Subject at(URI uri, Credentials credentials) {
        return new Subject(uri, credentials, owner(uri));
    }

    private static OptionalLong owner(URI uri) {
        InetAddress address = new InetSocketAddress(uri.getHost(), uri.getPort()).getAddress();
        if (address == null || !address.isLoopbackAddress()) {
            return OptionalLong.empty();
        }
        Optional<Long> owner = PortOwner.of(uri.getPort()).filter(pid -> pid != ProcessHandle.current().pid());
        return owner.isPresent() ? OptionalLong.of(owner.get()) : OptionalLong.empty();
    }

    InetSocketAddress address() {
        return new InetSocketAddress(uri.getHost(), uri.getPort());
    }
}
