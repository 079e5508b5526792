package dev.patchbay.analysis.sweep;

import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceBuffer;
import dev.patchbay.device.DeviceTable;
import dev.patchbay.device.Numerics;
import dev.patchbay.device.Ops;
import dev.patchbay.device.OutOfDeviceMemoryException;
import dev.patchbay.device.TableEntry;
import dev.patchbay.device.Tensor;
import dev.patchbay.device.Weight;
import java.util.List;

/** A device that refuses any single allocation above a limit; everything else is the device behind it. */
final class SmallDevice implements Device {
    private final Device device;
    long limit = Long.MAX_VALUE;
    int refused;

    SmallDevice(Device device) {
        this.device = device;
    }

    @Override
    public DeviceBuffer allocate(long bytes, String label) {
        if (bytes > limit) {
            refused++;
            throw new OutOfDeviceMemoryException(bytes, limit, label);
        }
        return device.allocate(bytes, label);
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public String description() {
        return device.description();
    }

    @Override
    public Numerics numerics() {
        return device.numerics();
    }

    @Override
    public Ops ops() {
        return device.ops();
    }

    @Override
    public Tensor upload(int[] values, String label) {
        return device.upload(values, label);
    }

    @Override
    public Tensor upload(float[] values, long rows, long columns, String label) {
        return device.upload(values, rows, columns, label);
    }

    @Override
    public <T extends TableEntry> DeviceTable<T> table(Class<T> type, List<T> entries, String label) {
        return device.table(type, entries, label);
    }

    @Override
    public Weight weight(Tensor raw, boolean transposed, int matrices) {
        return device.weight(raw, transposed, matrices);
    }

    @Override
    public long freeBytes() {
        return device.freeBytes();
    }

    @Override
    public void synchronize() {
        device.synchronize();
    }

    @Override
    public void close() {
        device.close();
    }
}
