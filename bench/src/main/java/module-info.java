/** Measurements: where the time of a forward pass goes. */
@org.jspecify.annotations.NullMarked
module dev.patchbay.bench {
    requires static transitive org.jspecify;
    requires dev.patchbay.analysis;
}
