package dev.chela.runtime.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.run.Upload;

/// Files of this machine that go along with a message; those that cannot are named before anything is sent.
///
/// @param paths as they were typed
record AttachedFiles(List<Path> paths) {

    /// Looks at the files without reading them.
    ///
    /// @throws IllegalArgumentException naming one that cannot go along
    void check() {
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                throw wrong(path, "is a folder, not a file");
            } else if (!Files.exists(path)) {
                throw wrong(path, "does not exist");
            } else if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
                throw wrong(path, "cannot be read");
            }
        }
    }

    /// Reads the files, as a gateway takes them.
    ///
    /// @param hello what the gateway said of its limits
    /// @throws IllegalArgumentException naming one that is too large for it
    List<Map<String, Object>> read(Json hello) throws IOException {
        Json policy = hello.at("policy").flatMap(all -> all.at("attachments")).orElse(Json.Null.VALUE);
        long maxFile = policy.whole("maxBytes").orElse(Long.MAX_VALUE);
        long maxImage = policy.whole("maxImageBytes").orElse(Long.MAX_VALUE);
        List<Map<String, Object>> read = new ArrayList<>();
        long together = 0;
        for (Path path : paths) {
            checkSize(path, "a file", Files.size(path), maxFile); // before it takes that much memory
            byte[] content = Files.readAllBytes(path);
            Upload upload = Upload.of(String.valueOf(path.getFileName()), null, content, read.size() + 1);
            checkSize(path, "an image", content.length, upload.about().isImage() ? maxImage : maxFile);
            together += content.length;
            if (content.length == 0) {
                throw wrong(path, "is empty");
            } else if (together > maxFile) {
                throw wrong(path, "is one too many: together the files have more than " + maxFile
                        + " bytes, which is all that the gateway takes with one message");
            }
            read.add(Map.of("fileName", upload.about().name(), "mimeType", upload.about().mimeType(), "content",
                    Base64.getEncoder().encodeToString(content)));
        }
        return read;
    }

    private static void checkSize(Path path, String what, long size, long most) {
        if (size > most) {
            throw wrong(path, "has " + size + " bytes; the gateway takes " + what + " of at most " + most);
        }
    }

    private static IllegalArgumentException wrong(Path path, String why) {
        return new IllegalArgumentException("--attach: '" + path + "' " + why);
    }
}
