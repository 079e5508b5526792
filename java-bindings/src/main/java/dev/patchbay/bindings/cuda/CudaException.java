package dev.patchbay.bindings.cuda;

import dev.patchbay.device.DeviceException;

/** The CUDA driver refused or failed a call. */
public final class CudaException extends DeviceException {
    private static final long serialVersionUID = 1;

    private final String name;
    private final String device;

    /**
     * What the driver said.
     *
     * @param code the {@code CUresult}
     * @param name its name in the header
     * @param text the driver's description of it
     * @param call the function that returned it, and what it was asked for
     * @param device the device it was asked of
     */
    public CudaException(int code, String name, String text, String call, String device) {
        super(call + " on " + device, code, name + ", " + text);
        this.name = name;
        this.device = device;
    }

    /** The name of the code, as {@code CUDA_ERROR_OUT_OF_MEMORY}. */
    public String name() {
        return name;
    }

    /** The device the call was about. */
    public String device() {
        return device;
    }
}
