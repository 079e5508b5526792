package dev.patchbay.model;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Bad input: a file, an argument or a value that cannot be used. The message is one line that says what, where, what was
 * expected, what was found and what to do, and ends with the code of the reason where there is one; control characters in it
 * are escaped.
 */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final @Nullable InputCode code;

    /** An error with its one line. */
    public InputException(String message) {
        super(oneLine(message));
        code = null;
    }

    /** An error with its one line and the exception behind it. */
    public InputException(String message, Throwable cause) {
        super(oneLine(message), cause);
        code = null;
    }

    /** An error with its reason and its one line. */
    public InputException(InputCode code, String message) {
        super(oneLine(message) + " [" + code.label() + "]");
        this.code = code;
    }

    private InputException(InputCode code, InputException other) {
        super(other.getMessage() + " [" + code.label() + "]", other.getCause());
        this.code = code;
        setStackTrace(other.getStackTrace());
    }

    /** Why, where it is one of the reasons that have a name. */
    public Optional<InputCode> code() {
        return Optional.ofNullable(code);
    }

    /** The same, for the reason {@code code} where it has none yet. */
    public InputException orFor(InputCode reason) {
        return code == null ? new InputException(reason, this) : this;
    }

    /** {@code text} with control characters escaped, so that it stays one line and harmless on a terminal. */
    public static String oneLine(String text) {
        var line = new StringBuilder(text.length());
        text.chars().forEach(unit -> {
            if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0) || unit == 0x2028 || unit == 0x2029) {
                line.append(String.format(Locale.ROOT, "\\u%04x", unit));
            } else {
                line.append((char) unit);
            }
        });
        return line.toString();
    }
}
