/** Devices, buffers and operations: the only module that calls native code. */
@org.jspecify.annotations.NullMarked
module dev.patchbay.bindings {
    requires static transitive org.jspecify;

    exports dev.patchbay.device;
}
