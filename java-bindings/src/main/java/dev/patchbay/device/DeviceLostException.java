package dev.patchbay.device;

/** A device failed in a way it cannot recover from: nothing on it can be used or downloaded any more. */
public final class DeviceLostException extends DeviceException {
    private static final long serialVersionUID = 1;

    private final String device;

    /** The device, and the failure that lost it. */
    public DeviceLostException(String device, DeviceException failure) {
        super(
                "device " + device + " is lost, close it and start the process anew: " + failure.getMessage(),
                failure.operation(),
                failure.status());
        initCause(failure);
        this.device = device;
    }

    /** The device that is lost. */
    public String device() {
        return device;
    }
}
