/** Measurements: where the time of a forward pass goes, and what the native border takes. */
@org.jspecify.annotations.NullMarked
module dev.patchbay.bench {
    requires static transitive org.jspecify;
    requires com.fasterxml.jackson.core;
    requires dev.patchbay.analysis;
    requires java.management;
    requires jmh.core;
}
