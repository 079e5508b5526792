package dev.patchbay.bindings.cuda;

import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDeviceTotalMem;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuGetErrorName;
import static jcuda.driver.JCudaDriver.cuGetErrorString;
import static jcuda.driver.JCudaDriver.cuInit;

import java.nio.charset.StandardCharsets;
import java.util.function.BiFunction;
import jcuda.driver.CUdevice;

/**
 * The driver through JCuda. Its native part binds whatever {@code libcuda.so.1} the process has or the loader finds; that
 * must be the driver that we found.
 */
final class JCudaPlatform implements CudaPlatform {
    private static final int LONGEST_NAME = 256;

    private final String origin;
    private final CudaStatus status;

    /**
     * Loads JCuda on a driver that {@code found} is another binding of.
     *
     * @throws LinkageError where JCuda is not there, or does not load, or has bound another driver
     * @throws CudaException where the driver does not start
     */
    JCudaPlatform(CudaPlatform found) {
        origin = found.origin() + " through JCuda " + JCudaLibrary.load();
        status = status("the driver");
        status.check(cuInit(0), "cuInit");
        if (deviceCount() != found.deviceCount()
                || (deviceCount() > 0 && !properties(0).equals(found.properties(0)))) {
            throw new UnsatisfiedLinkError("JCuda has bound another libcuda.so.1 than " + found.origin()
                    + ": put the folder of that one first on LD_LIBRARY_PATH");
        }
    }

    private static CudaStatus status(String device) {
        return new CudaStatus(
                device,
                code -> text(code, JCudaPlatform::name),
                code -> text(code, (c, out) -> cuGetErrorString(c, out)));
    }

    private static int name(int code, String[] out) {
        return cuGetErrorName(code, out);
    }

    private static String text(int code, BiFunction<Integer, String[], Integer> call) {
        String[] out = {""};
        return call.apply(code, out) == 0 ? out[0] : "unknown code " + code;
    }

    @Override
    public String origin() {
        return origin;
    }

    @Override
    public int version() {
        int[] out = new int[1];
        status.check(cuDriverGetVersion(out), "cuDriverGetVersion");
        return out[0];
    }

    @Override
    public int deviceCount() {
        int[] out = new int[1];
        status.check(cuDeviceGetCount(out), "cuDeviceGetCount");
        return out[0];
    }

    @Override
    public CudaProperties properties(int ordinal) {
        CUdevice device = device(ordinal);
        byte[] name = new byte[LONGEST_NAME];
        status.check(cuDeviceGetName(name, LONGEST_NAME, device), "cuDeviceGetName");
        long[] bytes = new long[1];
        status.check(cuDeviceTotalMem(bytes, device), "cuDeviceTotalMem");
        return new CudaProperties(
                text(name),
                attribute(device, CudaConstant.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                attribute(device, CudaConstant.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
                bytes[0],
                attribute(device, CudaConstant.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
                attribute(device, CudaConstant.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
                attribute(device, CudaConstant.CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED) != 0);
    }

    private static String text(byte[] zeroTerminated) {
        String whole = new String(zeroTerminated, StandardCharsets.UTF_8);
        return whole.substring(0, whole.indexOf(0));
    }

    @Override
    public CudaDriver open(int ordinal, String name) {
        return new JCudaDeviceDriver(status(name), device(ordinal));
    }

    private CUdevice device(int ordinal) {
        CUdevice device = new CUdevice();
        status.check(cuDeviceGet(device, ordinal), "cuDeviceGet(" + ordinal + ")");
        return device;
    }

    private int attribute(CUdevice device, CudaConstant attribute) {
        int[] out = new int[1];
        status.check(cuDeviceGetAttribute(out, attribute.value(), device), attribute.name());
        return out[0];
    }
}
