/** Measurements: where time goes in a forward pass and at the native border, and the check of a machine with a GPU. */
@org.jspecify.annotations.NullMarked
module dev.patchbay.bench {
    requires static transitive org.jspecify;
    requires com.fasterxml.jackson.core;
    requires dev.patchbay.analysis;
    requires java.management;
    requires static jcuda;
    requires jmh.core;
    // For the check of a GPU alone, which runs on the class path.
    requires static org.junit.platform.launcher;
}
