package dev.patchbay.device;

/** Native code refused or failed an operation. */
public class DeviceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String operation;

    /** Operation, native status, and what that status means. */
    public DeviceException(String operation, int status, String meaning) {
        this(operation + ": " + meaning + " (status " + status + ")", operation, status);
    }

    /** With a message that says it all. */
    DeviceException(String message, String operation, int status) {
        super(message);
        this.status = status;
        this.operation = operation;
    }

    /** The native status code. */
    public int status() {
        return status;
    }

    /** The operation that failed. */
    public String operation() {
        return operation;
    }
}
