package dev.patchbay.device;

/**
 * An immutable table of structs on a device; whoever asked for it closes it.
 *
 * @param <T> the entry
 */
public interface DeviceTable<T extends TableEntry> extends AutoCloseable {
    /** The entry type. */
    Class<T> type();

    /** Number of entries. */
    int size();

    @Override
    void close();
}
