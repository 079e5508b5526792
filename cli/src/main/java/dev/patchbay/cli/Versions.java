package dev.patchbay.cli;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;

/** Versions of this build. */
final class Versions {
    private Versions() {}

    /** The version of Patchbay; "development" where it runs from class files. */
    static String patchbay() {
        return Optional.ofNullable(Main.class.getModule().getDescriptor())
                .flatMap(ModuleDescriptor::rawVersion)
                .orElse("development");
    }

    /** The Java runtime. */
    static String java() {
        return Runtime.version() + " (" + System.getProperty("java.vendor", "unknown vendor") + ")";
    }
}
