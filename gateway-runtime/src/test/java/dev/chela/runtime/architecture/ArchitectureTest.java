package dev.chela.runtime.architecture;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasOwner;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Which package may know which, and who may open the doors to libraries.
class ArchitectureTest {

    private static final String ROOT = "dev.chela.runtime";

    /// Lowest first: a package may know those before it, never those behind it. The root, which wires all, comes last but
    /// for the command line.
    static final List<String> ORDER = List.of("lifecycle", "json", "log", "websocket", "protocol", "instance", "store",
            "config", "pairing", "auth", "access", "event", "hook", "dispatch", "connection", "session", "run",
            "delivery", "channel",
            "delivery", "channel",
            "plugin", "method", "http", "transport", "client", "bench", "", "cli");

    /// Each library has one door; the bench holds the transport against a bare server of the same library.
    private static final Map<String, Set<String>> DOORS = Map.of("org.pf4j..", Set.of("plugin"), "io.undertow..",
            Set.of("transport", "bench"), "org.xnio..", Set.of("transport", "bench"), "picocli..", Set.of("cli"),
            "java.sql..",
            Set.of("store"), "org.sqlite..", Set.of("store"), "tools.jackson..", Set.of("json"),
            "com.fasterxml.jackson..", Set.of("json"), "org.bouncycastle..", Set.of("auth"), "java.util.logging..",
            Set.of("log"));

    private static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages(ROOT);

    private static String packageOf(JavaClass type) {
        String name = type.getPackageName();
        return name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1);
    }

    @Test
    void seesTheCodeAtAll() {
        assertTrue(CODE.size() > 250, CODE.size() + " classes were seen");
        Set<String> packages = CODE.stream().map(ArchitectureTest::packageOf).collect(Collectors.toSet());
        assertEquals(new TreeSet<>(packages), new TreeSet<>(ORDER), "every package has its place in the order");
    }

    /// One list is enough: an order without ties has no cycle.
    @Test
    void letsPackagesKnowOnlyThoseBelowThem() {
        List<String> wrong = new ArrayList<>();
        for (JavaClass type : CODE) {
            int own = ORDER.indexOf(packageOf(type));
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass();
                if (target.getPackageName().startsWith(ROOT) && ORDER.indexOf(packageOf(target)) > own) {
                    wrong.add(dependency.getDescription());
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @TestFactory
    Stream<DynamicTest> givesEveryLibraryOneDoor() {
        return DOORS.entrySet().stream().map(door -> DynamicTest.dynamicTest(door.getKey(), () -> {
            String[] allowed = door.getValue().stream().map(name -> ROOT + "." + name + "..").toArray(String[]::new);
            noClasses().that().resideOutsideOfPackages(allowed).should().dependOnClassesThat()
                    .resideInAPackage(door.getKey()).check(CODE);
        }));
    }

    @Test
    void printsOnlyOnTheCommandLine() {
        noClasses().that().resideOutsideOfPackages(ROOT + ".cli..").should().accessField(System.class, "out").orShould()
                .accessField(System.class, "err").check(CODE);
    }

    @Test
    void logsThroughThePlatform() {
        noClasses().should().dependOnClassesThat().resideInAPackage("org.slf4j..").check(CODE);
    }

    @Test
    void throwsNothingAnonymous() {
        noClasses().should().callConstructorWhere(JavaCall.Predicates
                .target(HasOwner.Predicates.With
                        .owner(DescribedPredicate.describe("a generic exception",
                                owner -> owner.isEquivalentTo(RuntimeException.class)
                                        || owner.isEquivalentTo(Exception.class)
                                        || owner.isEquivalentTo(Error.class)))))
                .because("a failure has a name").allowEmptyShould(true)
                .check(CODE.that(DescribedPredicate.describe("no exceptions themselves",
                        type -> !type.isAssignableTo(Throwable.class))));
    }

    @Test
    void neverSleepsInTests() {
        JavaClasses tests = new ClassFileImporter().withImportOption(new ImportOption.OnlyIncludeTests())
                .importPackages(ROOT);
        assertTrue(tests.size() > 20);
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(tests);
    }
}
