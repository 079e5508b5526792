/**
 * Devices, buffers and operations: the only module of Patchbay that calls native code.
 *
 * <p>It needs native access: {@code --enable-native-access=dev.patchbay.bindings} on the module path,
 * {@code --enable-native-access=ALL-UNNAMED} on the class path. The native library is looked for where the system property
 * or environment variable {@code PATCHBAY_NATIVE_PATH} says, else it is unpacked from the jar to {@code PATCHBAY_CACHE}
 * (default {@code ~/.cache/patchbay}), else it is left to the loader.
 */
@org.jspecify.annotations.NullMarked
module dev.patchbay.bindings {
    requires static transitive org.jspecify;

    exports dev.patchbay.device;
}
