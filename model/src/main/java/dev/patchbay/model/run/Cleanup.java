package dev.patchbay.model.run;

import dev.patchbay.device.DeviceTable;
import dev.patchbay.device.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;

/** What must be given back, last taken first: also where taking the next thing fails half-way. */
final class Cleanup implements AutoCloseable {
    private final Deque<Runnable> actions = new ArrayDeque<>();

    /** Takes a tensor's buffer into care. */
    Tensor tensor(Tensor tensor) {
        actions.push(tensor.buffer()::close);
        return tensor;
    }

    /** Takes a table into care. */
    <T extends DeviceTable<?>> T table(T table) {
        actions.push(table::close);
        return table;
    }

    /** Will run {@code action}. */
    void add(Runnable action) {
        actions.push(action);
    }

    /** Leaves everything to whoever has it now. */
    void forget() {
        actions.clear();
    }

    @Override
    public void close() {
        while (!actions.isEmpty()) {
            actions.pop().run();
        }
    }
}
