package dev.chela.runtime.method;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Bounds;
import dev.chela.api.rpc.RpcException;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.dispatch.CoreMethod;

import org.jspecify.annotations.Nullable;

/// `logs.tail`: the end of the log, and what was added since a client last asked.
public final class LogMethods {

    private static final int LINES = 500;
    private static final int MAX_BYTES = 250_000;

    private final Path file;

    /// Methods on this log.
    public LogMethods(Path file) {
        this.file = file;
    }

    /// The methods.
    public List<CoreMethod> methods() {
        return List.of(CoreMethod.worker("logs.tail", Scope.READ, TailParams.class, (params, _) -> tail(params)));
    }

    record TailParams(@Bounds(min = 0) @Nullable Long cursor, @Bounds(min = 1, max = 5000) @Nullable Integer limit,
            @Bounds(min = 1, max = 1_000_000) @Nullable Integer maxBytes) {}

    /// A cursor is a place in the file, in bytes. Beyond the end, the file is a new one; too far back, the client has
    /// missed something: in both cases it gets the end and is told so.
    private Object tail(TailParams params) {
        int max = params.maxBytes() == null ? MAX_BYTES : params.maxBytes();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            long cursor = params.cursor() == null ? -1 : params.cursor();
            boolean beyond = cursor > size;
            boolean missed = cursor >= 0 && !beyond && size - cursor > max;
            boolean fresh = cursor < 0 || beyond || missed;
            long from = fresh ? Math.max(0, size - max) : cursor;
            List<String> lines = lines(channel, from, size, fresh && from > 0);
            int limit = params.limit() == null ? LINES : params.limit();
            boolean cut = lines.size() > limit;
            return answer(size, cut ? lines.subList(lines.size() - limit, lines.size()) : lines,
                    missed || cut || (cursor < 0 && from > 0), beyond || missed);
        } catch (NoSuchFileException e) {
            return answer(0, List.of(), false, false);
        } catch (IOException e) {
            throw RpcException.unavailable("the log cannot be read: " + e.getMessage());
        }
    }

    private static List<String> lines(FileChannel channel, long from, long to, boolean dropFirst) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) (to - from));
        int count = channel.read(bytes, from);
        String text = count <= 0 ? "" : new String(bytes.array(), 0, count, StandardCharsets.UTF_8);
        List<String> lines = new ArrayList<>(text.lines().toList());
        if (dropFirst && !lines.isEmpty()) {
            lines.removeFirst();
        }
        lines.removeIf(String::isEmpty);
        return lines;
    }

    private Map<String, Object> answer(long size, List<String> lines, boolean truncated, boolean reset) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("file", String.valueOf(file.getFileName()));
        answer.put("cursor", size);
        answer.put("size", size);
        answer.put("lines", lines);
        answer.put("truncated", truncated);
        answer.put("reset", reset);
        return answer;
    }
}
