package dev.chela.runtime.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// The size and the names of things, and that README tells the truth about packages.
class ShapeTest {

    private static final int MAX_FILE = 400;
    private static final int MAX_METHOD = 40;
    private static final Pattern METHOD = Pattern.compile("^    (?:    )?[^/*@ ].*[(].*$");
    private static final Pattern BAD_NAME = Pattern.compile(".*(Impl|Utils?|Helper|Manager)|(Abstract|Base)[A-Z].*");
    private static final Pattern TABLE_ROW = Pattern.compile("\\| `([a-z.]*)` \\| (.*?) \\|");

    private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    private static final Path REPOSITORY = Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
    private static final List<Path> MODULES = List.of(REPOSITORY.resolve("gateway-api"),
            REPOSITORY.resolve("gateway-runtime"), REPOSITORY.resolve("plugins"));

    private static List<Path> sources() {
        List<Path> all = new ArrayList<>();
        for (Path module : MODULES) {
            try (Stream<Path> files = Files.walk(module)) {
                files.filter(file -> file.toString().endsWith(".java") && file.toString().contains("/src/main/"))
                        .forEach(all::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return all;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Path file) {
        return REPOSITORY.relativize(file).toString();
    }

    @Test
    void seesTheSourcesAtAll() {
        assertTrue(sources().size() > 150, sources().size() + " files were seen");
    }

    @Test
    void keepsFilesShort() {
        List<String> wrong = sources().stream()
                .filter(file -> lines(file).stream().filter(line -> !line.isBlank()).count() > MAX_FILE)
                .map(ShapeTest::name).toList();
        assertEquals(List.of(), wrong);
    }

    @Test
    void keepsMethodsShort() {
        List<String> wrong = new ArrayList<>();
        for (Path file : sources()) {
            List<String> lines = lines(file);
            for (int i = 0; i < lines.size(); i++) {
                String indent = lines.get(i).substring(0, lines.get(i).length() - lines.get(i).stripLeading().length());
                if (METHOD.matcher(lines.get(i)).matches() && (indent.length() == 4 || indent.length() == 8)) {
                    int end = i;
                    while (end < lines.size() && !lines.get(end).equals(indent + "}") && end - i < 200) {
                        end++;
                    }
                    boolean whole = end < lines.size() && lines.subList(i, end).stream()
                            .skip(1).noneMatch(line -> METHOD.matcher(line).matches() && line.startsWith(indent)
                                    && !line.startsWith(indent + " ") && line.endsWith("{"));
                    if (whole && end - i > MAX_METHOD && end - i < 200 && lines.get(i).endsWith("{")) {
                        wrong.add(name(file) + ":" + (i + 1));
                    }
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void givesTypesNamesThatSayWhatTheyAre() {
        List<String> wrong = sources().stream().map(file -> file.getFileName().toString().replace(".java", ""))
                .filter(type -> BAD_NAME.matcher(type).matches()).toList();
        assertEquals(List.of(), wrong);
    }

    @Test
    void leavesNothingForLater() {
        List<String> wrong = sources().stream().filter(file -> lines(file).stream()
                .anyMatch(line -> line.matches(".*\\b(TODO|FIXME|XXX|HACK)\\b.*"))).map(ShapeTest::name).toList();
        assertEquals(List.of(), wrong);
    }

    @Test
    void saysInOneLineWhatEachPackageIs() {
        List<String> wrong = new ArrayList<>();
        sources().stream().map(Path::getParent).distinct().filter(folder -> !folder.endsWith("java"))
                .forEach(folder -> {
                    Path info = folder.resolve("package-info.java");
                    boolean one = Files.exists(info)
                            && lines(info).stream().filter(line -> line.startsWith("///")).count() == 1
                            && lines(info).contains("@NullMarked");
                    if (!one) {
                        wrong.add(name(folder));
                    }
                });
        assertEquals(List.of(), wrong);
    }

    @Test
    void listsEveryPackageInTheReadmeAsItIs() throws IOException {
        Map<String, String> real = new TreeMap<>();
        sources().stream().filter(file -> file.endsWith("package-info.java"))
                .filter(file -> name(file).startsWith("gateway-")).forEach(file -> {
                    String line = lines(file).stream().filter(one -> one.startsWith("/// ")).findFirst().orElse("");
                    String folder = name(Objects.requireNonNull(file.getParent())).replaceAll(".*/dev/chela/", "")
                            .replace('/', '.');
                    real.put(folder, line.substring(4));
                });
        Map<String, String> told = new TreeMap<>();
        for (String line : Files.readAllLines(REPOSITORY.resolve("README.md"))) {
            Matcher row = TABLE_ROW.matcher(line);
            if (row.find()) {
                told.put(row.group(1), row.group(2));
            }
        }
        assertEquals(real, told);
    }

    @Test
    void showsAllOfTheSmallestPluginInTheReadme() throws IOException {
        Matcher example = EXAMPLE.matcher(Files.readString(REPOSITORY.resolve("README.md")));
        assertTrue(example.find(), "README has no example");
        assertEquals(Files.readString(REPOSITORY
                .resolve("plugins/hello/src/main/java/dev/chela/plugin/hello/HelloPlugin.java")), example.group(1));
    }
}
