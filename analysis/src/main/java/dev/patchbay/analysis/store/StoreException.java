package dev.patchbay.analysis.store;

import dev.patchbay.model.InputException;

/**
 * The machine cannot keep a run: a full or read-only disk, a run that another process writes, a file system or a file that
 * cannot be trusted. The message is one line that says what to do.
 */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An error with its one line. */
    public StoreException(String message) {
        super(InputException.oneLine(message));
    }

    /** An error with its one line and the exception behind it. */
    public StoreException(String message, Throwable cause) {
        super(InputException.oneLine(message), cause);
    }
}
