package dev.chela.runtime.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;

import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/// Unpacks SQLite's native library once into a folder of the gateway's own. The driver would unpack it at every start into
/// the machine's temporary folder, which may forbid execution, is open to others, and keeps a copy after each kill.
final class NativeLibrary {

    private static final String FOLDER_PROPERTY = "org.sqlite.lib.path";
    private static final String NAME_PROPERTY = "org.sqlite.lib.name";
    private static final FileAttribute<?> FOLDER = PosixFilePermissions.asFileAttribute(
            PosixFilePermissions.fromString("rwx------"));

    private NativeLibrary() {}

    /// Makes the driver load the library from that folder; does nothing if the launcher or another store of this process
    /// has said where it lies, or if the driver brings none for this platform.
    ///
    /// @throws StoreException if it cannot be unpacked
    static synchronized void provide(Path folder) {
        if (System.getProperty(FOLDER_PROPERTY) != null) {
            return;
        }
        String name = LibraryLoaderUtil.getNativeLibName();
        Path own = folder.resolve(SQLiteJDBCLoader.getVersion());
        try (InputStream packed = SQLiteJDBCLoader.class.getResourceAsStream(
                LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name)) {
            if (packed == null) {
                return;
            }
            unpack(packed.readAllBytes(), own, name);
        } catch (IOException e) {
            throw new StoreException("the native library of the store cannot be unpacked into " + own, e);
        }
        System.setProperty(FOLDER_PROPERTY, own.toString());
        System.setProperty(NAME_PROPERTY, name);
    }

    private static void unpack(byte[] library, Path folder, String name) throws IOException {
        Path file = folder.resolve(name);
        if (Files.exists(file) && Arrays.equals(library, Files.readAllBytes(file))) {
            return;
        }
        Files.createDirectories(folder, FOLDER);
        Path temporary = Files.createTempFile(folder, name, ".new");
        Files.write(temporary, library);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
