package dev.patchbay.device;

/** A device, or a numerics profile of it, that was asked for and is not there; the message holds the reasons. */
public final class DeviceUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String device;

    /** The device asked for, and why it cannot be had. */
    public DeviceUnavailableException(String device, String reasons) {
        super("device '" + device + "': " + reasons);
        this.device = device;
    }

    /** The name that was asked for. */
    public String device() {
        return device;
    }
}
