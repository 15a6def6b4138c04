package dev.chela.runtime.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class MessageReaderTest {

    /// Keeps what it is told.
    private static final class Kept implements MessageSink {
        final List<byte[]> messages = new ArrayList<>();
        final List<String> control = new ArrayList<>();
        long reserved;
        long room = Long.MAX_VALUE;

        @Override
        public void message(byte[] payload) {
            messages.add(payload);
        }

        @Override
        public void ping(byte[] payload) {
            control.add("ping " + payload.length);
        }

        @Override
        public void pong() {
            control.add("pong");
        }

        @Override
        public void close(int code, String reason) {
            control.add("close " + code + " " + reason);
        }

        @Override
        public boolean reserve(long bytes) {
            reserved += bytes;
            return reserved <= room;
        }
    }

    private final Kept kept = new Kept();
    private final MessageReader reader = new MessageReader(1 << 20, kept);

    private static byte[] frame(int first, byte[] payload, int mask) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 14).put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length < 65536) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        frame.putInt(mask);
        byte[] masked = payload.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] ^= (byte) (mask >>> (24 - 8 * (i % 4)));
        }
        frame.put(masked).flip();
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    @Test
    void readsTheSameWhateverTheBytesAreCutInto() throws Violation {
        var random = new Random(42);
        var stream = ByteBuffer.allocate(4 << 20);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            String text = "é" + "x".repeat(random.nextInt(i % 7 == 0 ? 70_000 : 300));
            expected.add(text);
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            int cut = random.nextInt(bytes.length + 1);
            stream.put(frame(0x01, Arrays.copyOf(bytes, cut), random.nextInt()));
            stream.put(frame(0x89, new byte[random.nextInt(126)], random.nextInt()));
            stream.put(frame(0x80, Arrays.copyOfRange(bytes, cut, bytes.length), random.nextInt()));
        }
        stream.flip();
        while (stream.hasRemaining()) {
            int n = Math.min(stream.remaining(), 1 + random.nextInt(5000));
            reader.read(stream.slice(stream.position(), n));
            stream.position(stream.position() + n);
        }
        assertEquals(expected,
                kept.messages.stream().map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList());
        assertEquals(60, kept.control.size());
        assertEquals(0, kept.reserved, "everything was given back");
    }

    @Test
    void asksForRoomOnlyForWhatStaysUnfinished() throws Violation {
        reader.read(ByteBuffer.wrap(frame(0x82, new byte[5000], 7)));
        assertEquals(0, kept.reserved);
        byte[] whole = frame(0x82, new byte[100_000], 7);
        reader.read(ByteBuffer.wrap(whole, 0, 50_000));
        assertTrue(kept.reserved >= 49_000 && kept.reserved <= 100_000, "reserved " + kept.reserved);
        reader.release();
        assertEquals(0, kept.reserved);
    }

    @Test
    void costsNothingForADeclarationAlone() throws Violation {
        ByteBuffer head = ByteBuffer.allocate(14).put((byte) 0x82).put((byte) 0xFF).putLong(1 << 20).putInt(1).flip();
        reader.read(head);
        assertEquals(0, kept.reserved);
    }

    @Test
    void givesUpWhenThereIsNoRoom() {
        kept.room = 1000;
        byte[] whole = frame(0x82, new byte[100_000], 7);
        Violation violation = assertThrows(Violation.class, () -> reader.read(ByteBuffer.wrap(whole, 0, 50_000)));
        assertEquals(1009, violation.code());
    }

    @Test
    void followsAChangedLimit() throws Violation {
        reader.limit(10);
        assertEquals(1009, assertThrows(Violation.class,
                () -> reader.read(ByteBuffer.wrap(frame(0x82, new byte[11], 7)))).code());
    }

    @Test
    void handsOverCodeAndReasonOfAGoodbye() throws Violation {
        byte[] payload = {0x0F, (byte) 0xA1, 'b', 'y', 'e'};
        reader.read(ByteBuffer.wrap(frame(0x88, payload, 7)));
        assertEquals(List.of("close 4001 bye"), kept.control);
    }

    @Test
    void masksFromAnyPhase() {
        byte[] bytes = new byte[37];
        byte[] expected = new byte[37];
        for (int i = 0; i < 37; i++) {
            expected[i] = (byte) (0x01020304 >>> (24 - 8 * ((i + 3) % 4)));
        }
        Frames.mask(bytes, 0, 37, 0x01020304, 3);
        assertArrayEquals(expected, bytes);
    }

    @Test
    void cutsAReasonAtTheBorderOfACharacter() {
        byte[] frame = Frames.close(1008, "é".repeat(100));
        assertEquals(2 + 2 + 122, frame.length);
        assertEquals("é".repeat(61), new String(frame, 4, 122, StandardCharsets.UTF_8));
    }

    @Test
    void sizesHeadersByLength() {
        assertEquals(2, Frames.header(1, 125).length);
        assertEquals(4, Frames.header(1, 126).length);
        assertEquals(4, Frames.header(1, 65_535).length);
        assertEquals(10, Frames.header(1, 65_536).length);
    }
}
