package dev.patchbay.model.run;

import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.Ops;
import dev.patchbay.device.Tensor;
import dev.patchbay.device.Weight;
import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.KeyWeight;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a layer's keys by query head: {@code [tokens, heads · count]} of own keys and {@code [base rows, heads ·
 * count]} of a base's, head by head. Those that follow positions are written once, those along directions when the
 * layer's values are there.
 */
final class KeyWeightTables {
    private final Architecture architecture;
    private final List<KeyWeight> weights;
    private final List<Integer> along = new ArrayList<>();
    private final List<Weight> directions = new ArrayList<>();
    private final @Nullable Tensor moved;
    private final Tensor own;
    private final Optional<Tensor> base;

    KeyWeightTables(
            Architecture architecture,
            Device device,
            Batch batch,
            Layout layout,
            RunRequest request,
            List<KeyWeight> weights,
            String where,
            Cleanup cleanup) {
        this.architecture = architecture;
        this.weights = weights;
        int columns = architecture.heads() * weights.size();
        float[] ownValues = new float[Math.multiplyExact(layout.tokens(), columns)];
        var keyValues = request.base();
        long lines = keyValues.map(supply -> supply.values(0).rows()).orElse(0L);
        float[] baseValues = new float[Math.toIntExact(lines * columns)];
        var chosen = new ArrayList<float[]>();
        for (int number = 0; number < weights.size(); number++) {
            switch (weights.get(number)) {
                case KeyWeight.Along(var name) -> {
                    chosen.add(direction(request.bindings(), name, where));
                    along.add(number);
                }
                case KeyWeight.ByPosition(var values) -> {
                    for (int row = 0; row < batch.rows().size(); row++) {
                        Row run = batch.row(row);
                        if (values.size() < run.end()) {
                            throw new InputException(where + ": " + values.size() + " weights by position, row " + row
                                    + " has " + run.end() + " positions");
                        }
                        for (int position = 0; position < run.end(); position++) {
                            boolean isOwn = position >= run.start();
                            long line = isOwn
                                    ? layout.slot(row, position)
                                    : keyValues.orElseThrow().begin(run.base()) + position;
                            fill(isOwn ? ownValues : baseValues, Math.toIntExact(line), number, values.get(position));
                        }
                    }
                }
            }
        }
        for (float[] direction : chosen) {
            Tensor raw = cleanup.tensor(device.upload(direction, 1, direction.length, "direction of key weights"));
            Weight weight = device.weight(raw, true);
            cleanup.add(weight::close);
            directions.add(weight);
        }
        long most = Math.max(layout.tokens(), lines);
        moved = chosen.isEmpty()
                ? null
                : cleanup.tensor(device.tensor(DType.F32, most, architecture.modelWidth(), "values along directions"));
        own = cleanup.tensor(device.upload(ownValues, layout.tokens(), columns, "key weights"));
        base = lines == 0
                ? Optional.empty()
                : Optional.of(cleanup.tensor(device.upload(baseValues, lines, columns, "base key weights")));
    }

    private float[] direction(Bindings bindings, String name, String where) {
        var tensor = bindings.tensor(name);
        if (tensor.rows() != 1 || tensor.columns() != architecture.modelWidth()) {
            throw new InputException(where + ": direction '" + name + "' is " + tensor.rows() + " x " + tensor.columns()
                    + ", expected 1 x " + architecture.modelWidth());
        }
        return tensor.values();
    }

    private void fill(float[] table, int line, int number, float value) {
        for (int head = 0; head < architecture.heads(); head++) {
            table[(line * architecture.heads() + head) * weights.size() + number] = value;
        }
    }

    Tensor own() {
        return own;
    }

    @Nullable
    Tensor base() {
        return base.orElse(null);
    }

    /** Enqueues what the weights along directions are made of: {@code (v · W_O of the head) · u}, head by head. */
    void prepare(Ops ops, Weight output, Tensor values, Optional<Tensor> baseValues) {
        prepare(ops, output, values, own);
        base.ifPresent(table -> prepare(ops, output, baseValues.orElseThrow(), table));
    }

    private void prepare(Ops ops, Weight output, Tensor values, Tensor table) {
        if (moved == null) {
            return;
        }
        int size = architecture.headSize();
        int group = architecture.heads() / architecture.keyValueHeads();
        Tensor stream = moved.rows(0, values.rows());
        for (int head = 0; head < architecture.heads(); head++) {
            Tensor ofHead = values.columns((long) (head / group) * size, size);
            ops.gemm(List.of(new Ops.Gemm(ofHead, output, Ops.Direction.FORWARD, (long) head * size, null, stream)));
            for (int i = 0; i < along.size(); i++) {
                Tensor column = table.columns((long) head * weights.size() + along.get(i), 1);
                ops.gemm(List.of(new Ops.Gemm(stream, directions.get(i), null, column)));
            }
        }
    }
}
