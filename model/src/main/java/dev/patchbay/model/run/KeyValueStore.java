package dev.patchbay.model.run;

import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.Ops;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.config.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Copies a run's own keys and values out of its activations: into new tensors, or behind those a growing row has. */
final class KeyValueStore {
    private final KeyValues keyValues;
    private final @Nullable Tensor destination;
    private final int tokens;

    /** A store whose scratch is in the care of {@code own}, and new tensors in that of {@code results}. */
    KeyValueStore(
            Device device,
            Architecture architecture,
            Batch batch,
            Optional<KeyValues> appendTo,
            Cleanup own,
            Cleanup results) {
        tokens = batch.tokens();
        if (appendTo.isEmpty()) {
            keyValues = allocate(device, architecture, batch, results);
            destination = null;
        } else {
            keyValues = appendTo.get();
            destination = own.tensor(device.upload(destinations(batch, keyValues), "key and value rows"));
        }
    }

    private static KeyValues allocate(Device device, Architecture architecture, Batch batch, Cleanup results) {
        int count = batch.rows().size();
        long[] begin = new long[count];
        int[] filled = new int[count];
        for (int row = 0; row < count; row++) {
            if (batch.row(row).start() != 0) {
                throw new IllegalArgumentException("only rows that start at 0 can be kept as a base");
            }
            begin[row] = batch.after(Row.FROM_THE_START).slot(row, 0);
            filled[row] = batch.row(row).length();
        }
        return allocate(device, architecture, batch.tokens(), begin, filled, 0, results);
    }

    /** Tensors for {@code tensorRows} positions in all, in the care of {@code results}. */
    static KeyValues allocate(
            Device device,
            Architecture architecture,
            long tensorRows,
            long[] begin,
            int[] filled,
            int capacity,
            Cleanup results) {
        List<Tensor> keys = new ArrayList<>();
        List<Tensor> values = new ArrayList<>();
        for (int layer = 0; layer < architecture.layers(); layer++) {
            keys.add(results.tensor(device.tensor(DType.F32, tensorRows, architecture.keyValueWidth(), "base keys")));
            values.add(
                    results.tensor(device.tensor(DType.F32, tensorRows, architecture.keyValueWidth(), "base values")));
        }
        return new KeyValues(keys, values, begin, filled, capacity);
    }

    private static int[] destinations(Batch batch, KeyValues base) {
        int[] destinations = new int[batch.tokens()];
        var layout = batch.after(Row.FROM_THE_START);
        for (int index = 0; index < batch.rows().size(); index++) {
            Row row = batch.row(index);
            if (row.end() > base.capacity()) {
                throw new IllegalArgumentException("row " + index + " outgrows its " + base.capacity() + " positions");
            }
            for (int position = row.start(); position < row.end(); position++) {
                destinations[layout.slot(index, position)] = Math.toIntExact(base.begin(row.base()) + position);
            }
        }
        return destinations;
    }

    void keep(Ops ops, int layer, Tensor k, Tensor v) {
        ops.gather(k, null, keyValues.keys(layer), destination, tokens);
        ops.gather(v, null, keyValues.values(layer), destination, tokens);
    }

    KeyValues keyValues() {
        return keyValues;
    }
}
