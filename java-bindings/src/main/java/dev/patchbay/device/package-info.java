/**
 * Devices, tensors on them, and the operations they run.
 *
 * <p><b>Native access.</b> Opening a device loads native code. A program that has Patchbay on its module path starts with
 * {@code --enable-native-access=dev.patchbay.bindings}, one that has it on its class path with
 * {@code --enable-native-access=ALL-UNNAMED}. Nothing native is touched before a method of
 * {@link dev.patchbay.device.Devices} is called.
 *
 * <p><b>Ownership.</b> Whoever asks for something closes it: a device, a buffer, a table, a weight, a workspace. A
 * {@link dev.patchbay.device.Tensor} is a view and never owns. A weight takes over the buffer it is made of. Closing a
 * device frees what was left open on it and names it in the log. Closing twice is harmless; using what is closed is an
 * {@link java.lang.IllegalStateException}.
 *
 * <p><b>Threads.</b> A device and everything on it is used by one thread at a time; it may be another thread later, after
 * a hand-over that orders the two. Threads that overlap inside one device get an
 * {@link java.lang.IllegalStateException}. Different devices are independent.
 *
 * <pre>{@code
 * try (Device device = Devices.open(DeviceOptions.of("auto"));
 *         Weight weight = device.weight(device.upload(values, 64, 256, "w"), false);
 *         DeviceBuffer input = device.allocate(10 * 64 * 4, "x");
 *         DeviceBuffer output = device.allocate(10 * 256 * 4, "out")) {
 *     Tensor x = new Tensor(input, DType.F32, 0, 10, 64, 64);
 *     Tensor out = new Tensor(output, DType.F32, 0, 10, 256, 256);
 *     device.ops().gemm(List.of(new Ops.Gemm(x, weight, null, out)));
 *     float[] result = out.toFloats();
 * }
 * }</pre>
 */
package dev.patchbay.device;
