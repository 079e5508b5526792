/** The {@code patchbay} command: turns arguments into calls of the library. */
@org.jspecify.annotations.NullMarked
module dev.patchbay.cli {
    requires static org.jspecify;
    requires dev.patchbay.analysis;
    requires com.fasterxml.jackson.core;
    requires info.picocli;

    opens dev.patchbay.cli to
            info.picocli;
}
