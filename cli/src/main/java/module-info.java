/** The {@code patchbay} command: turns arguments into calls of the library. */
@org.jspecify.annotations.NullMarked
module dev.patchbay.cli {
    requires static org.jspecify;
    requires dev.patchbay.model;
    requires info.picocli;

    opens dev.patchbay.cli to
            info.picocli;
}
