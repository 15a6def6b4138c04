package dev.chela.api;

import java.util.List;
import java.util.function.Predicate;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What plugins see: small, of its own, without a library.
class ApiSurfaceTest {

    private static final JavaClasses API = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.chela.api");

    /// Lowest first: a package may know those before it.
    private static final List<String> ORDER = List.of("json", "config", "rpc", "event", "session", "agent", "channel",
            "http",
            "hook", "");

    private static String packageOf(JavaClass type) {
        String name = type.getPackageName();
        return name.equals("dev.chela.api") ? "" : name.substring("dev.chela.api.".length());
    }

    @Test
    void seesTheCodeAtAll() {
        assertTrue(API.size() > 50, API.size() + " classes were seen");
    }

    @Test
    void needsNothingButTheJdkAndJspecify() {
        classes().should().onlyDependOnClassesThat().resideInAnyPackage("dev.chela.api..", "java..", "org.jspecify..")
                .check(API);
        noClasses().should().dependOnClassesThat().resideInAnyPackage("java.sql..", "java.util.logging..").check(API);
    }

    @Test
    void letsPackagesKnowOnlyThoseBelowThem() {
        List<String> wrong = API.stream().flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(dependency -> dependency.getTargetClass().getPackageName().startsWith("dev.chela.api"))
                .filter(dependency -> ORDER.indexOf(packageOf(dependency.getTargetClass())) > ORDER
                        .indexOf(packageOf(dependency.getOriginClass())))
                .map(dependency -> dependency.getDescription()).toList();
        assertEquals(List.of(), wrong);
        slices().matching("dev.chela.api.(*)..").should().beFreeOfCycles().check(API);
    }

    /// What can be subclassed by accident can never be changed again.
    @Test
    void hasOnlyTypesThatAreMeantToBeImplementedOrFinal() {
        Predicate<JavaClass> open = type -> !type.isInterface() && !type.isRecord() && !type.isEnum()
                && !type.isAnnotation() && !type.getModifiers().contains(JavaModifier.FINAL);
        List<String> wrong = API.stream().filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(type -> !type.getSimpleName().equals("package-info")).filter(open).map(JavaClass::getName)
                .toList();
        assertEquals(List.of(), wrong);
    }

    @Test
    void saysOfEveryPackageWhatMayBeNull() {
        List<String> wrong = API.stream().map(JavaClass::getPackage)
                .filter(one -> !one.isAnnotatedWith(NullMarked.class)).map(one -> one.getName()).distinct().toList();
        assertEquals(List.of(), wrong);
    }

    @Test
    void namesAccessorsAfterWhatTheyGive() {
        List<String> wrong = API.stream().flatMap(type -> type.getMethods().stream())
                .filter(method -> method.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(method -> method.getName().matches("get[A-Z].*")).map(method -> method.getFullName()).toList();
        assertEquals(List.of(), wrong);
    }
}
