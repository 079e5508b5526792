package dev.patchbay.model;

/**
 * Bad input: a file, an argument or a value that cannot be used. The message is one line that says what, where, what was
 * expected, what was found and what to do; control characters in it are escaped.
 */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An error with its one line. */
    public InputException(String message) {
        super(oneLine(message));
    }

    /** An error with its one line and the exception behind it. */
    public InputException(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    /** {@code text} with control characters escaped, so that it stays one line and harmless on a terminal. */
    public static String oneLine(String text) {
        var line = new StringBuilder(text.length());
        text.chars().forEach(unit -> {
            if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0) || unit == 0x2028 || unit == 0x2029) {
                line.append(String.format("\\u%04x", unit));
            } else {
                line.append((char) unit);
            }
        });
        return line.toString();
    }
}
