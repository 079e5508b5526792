/**
 * Devices, buffers and operations: the only module of Patchbay that calls native code.
 *
 * <p>It needs native access: {@code --enable-native-access=dev.patchbay.bindings} on the module path,
 * {@code --enable-native-access=ALL-UNNAMED} on the class path. The native library is looked for where the system property
 * or environment variable {@code PATCHBAY_NATIVE_PATH} says, else it is unpacked from the jar to {@code PATCHBAY_CACHE}
 * (default {@code ~/.cache/patchbay}), else it is left to the loader.
 *
 * <p>The CUDA driver is {@code libcuda.so.1} of the folder, or the file, that {@code PATCHBAY_CUDA_PATH} names, else that of
 * the loader's path or of the usual folders; cuBLASLt, which the profiles other than {@code exact} need, is looked for in that
 * folder too, then on the loader's path and in the folders of the toolkit and of Python's packages. {@code PATCHBAY_EMULATOR} names the driver of {@code cuda-emulated}, which is
 * for tests; where it is not set, the build folder of the checkout that the process runs in is looked at.
 * {@code PATCHBAY_CUDA_BINDING} says how the driver is called: {@code panama} (the default), or {@code jcuda}, which wants
 * {@code org.jcuda:jcuda:12.6.0}, for the fast profiles {@code org.jcuda:jcublas:12.6.0}, and their native libraries on the
 * path, and on the module path native access for them and {@code --add-modules ALL-MODULE-PATH}.
 */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // dev.patchbay.bench is compiled after this
module dev.patchbay.bindings {
    requires static transitive org.jspecify;
    // Where PATCHBAY_CUDA_BINDING asks for it.
    requires static jcublas;
    requires static jcuda;

    exports dev.patchbay.device;
    exports dev.patchbay.bindings to
            dev.patchbay.bench;
    exports dev.patchbay.bindings.cuda to
            dev.patchbay.bench;
}
