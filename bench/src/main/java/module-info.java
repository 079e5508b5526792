/** Measurements: where the time of a forward pass goes, and the check of a machine with a GPU. */
@org.jspecify.annotations.NullMarked
module dev.patchbay.bench {
    requires static transitive org.jspecify;
    requires dev.patchbay.analysis;
    // For the check of a GPU alone, which runs on the class path.
    requires static org.junit.platform.launcher;
}
