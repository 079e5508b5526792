package dev.patchbay.model.run;

import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceTable;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Rope;
import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.graph.Value;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.site.SitePoint;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets rows join a pass late: after the step up to which they equal their base run, with the values that run has there. Of
 * such a row first only the changed positions, the others before the attention that carries the change to them; past the
 * last attention only the last position, where no other is read. Every step runs on the tokens that are there.
 */
final class Wavefront {
    private final Graph graph;
    private final Device device;
    private final Batch batch;
    private final RunRequest request;
    private final Cleanup own;
    private final @Nullable Tensor scratch;
    private Layout layout;
    private final Map<String, Tensor> indices = new HashMap<>();
    private Optional<DeviceTable<RowSpan>> spans = Optional.empty();

    Wavefront(Graph graph, Device device, Batch batch, RunRequest request, CapturePlan captures, Cleanup own) {
        this.graph = graph;
        this.device = device;
        this.batch = batch;
        this.request = request;
        this.own = own;
        layout = batch.after(Row.FROM_THE_START);
        if (batch.joins()) {
            check(captures);
        }
        if (request.endsOnly() && request.logits() instanceof Logits.All) {
            throw new IllegalArgumentException("a run that computes only ends has no other logits");
        }
        long most = mostMoved();
        scratch = most == 0 ? null : own.tensor(device.tensor(DType.F32, 1, most, "moved tokens"));
    }

    private void check(CapturePlan captures) {
        if (request.keepKeyValues()
                || request.logits() instanceof Logits.All
                || request.base().isEmpty()
                || request.state().isEmpty()) {
            throw new IllegalArgumentException(
                    "rows that join late need the captures, keys and values of their base run,"
                            + " and give back neither all logits nor keys and values");
        }
        var places = new ProgramCheck(graph.architecture());
        for (Edit edit : request.program().edits()) {
            String where = "edit of " + edit.site().label();
            for (SitePoint point : places.places(edit, where).keySet()) {
                for (int row : EditPlanner.rows(edit, batch, where)) {
                    if (graph.joinStep(point) < batch.row(row).joinStep()) {
                        throw new InputException(where + ": row " + row + " joins only after " + point.label());
                    }
                }
            }
        }
        for (SitePoint point : captures.points()) {
            int defined = graph.definition(graph.value(point));
            var kept = captures.at(point).orElseThrow().captured().rows();
            for (int row = 0; row < kept.size(); row++) {
                if (!kept.get(row).positions().isEmpty() && batch.row(row).joinStep() > defined) {
                    throw new InputException("capture of " + point.label() + ": row " + row + " joins only later");
                }
            }
        }
    }

    /** Elements of the largest value of which tokens must move when what is there changes. */
    private long mostMoved() {
        long most = 0;
        Layout from = layout;
        for (int step = 0; batch.changes() && step < graph.headBegin(); step++) {
            Layout to = batch.after(step);
            long moved = from.equals(to) ? 0 : moves(from, to)[0].length;
            if (moved > 0) {
                int width = graph.liveAfter(step).stream()
                        .mapToInt(Value::width)
                        .max()
                        .orElse(0);
                most = Math.max(most, moved * width);
            }
            from = to;
        }
        return most;
    }

    /** Tokens that are there. */
    int tokens() {
        return layout.tokens();
    }

    /** The rows that are there. */
    DeviceTable<RowSpan> rows() {
        if (spans.isEmpty()) {
            spans = Optional.of(own.table(device.table(RowSpan.class, batch.spans(layout, request.base()), "rows")));
        }
        return spans.get();
    }

    /** The token of every place. */
    Tensor tokenIds() {
        return indices.computeIfAbsent("tokens", _ -> upload(batch.tokenIds(layout), "token ids"));
    }

    /** The position of every place, and {@code offset} more. */
    Tensor positions(int offset) {
        return indices.computeIfAbsent("positions + " + offset, _ -> {
            int[] positions = batch.positions(layout);
            for (int i = 0; i < positions.length; i++) {
                positions[i] += offset;
            }
            return upload(positions, "positions");
        });
    }

    /** The row of a rotary table for every place. */
    Tensor rotation(Rope rope, RotaryTable table) {
        return rope.longer().isEmpty()
                ? positions(0)
                : indices.computeIfAbsent(
                        rope.toString(), _ -> upload(batch.rotation(layout, rope, table), "rotary table rows"));
    }

    private Tensor upload(int[] values, String label) {
        return own.tensor(device.upload(values, label));
    }

    /** Changes what is there after {@code step}, which has just run on what was there before. */
    void changeAfter(int step, Activations activations) {
        Layout from = layout;
        Layout to = batch.after(step);
        if (from.equals(to)) {
            return;
        }
        layout = to;
        indices.clear();
        spans = Optional.empty();
        int[][] moves = moves(from, to);
        Tensor source = moves[0].length == 0 ? null : upload(moves[0], "places of moved tokens");
        Tensor target = moves[0].length == 0 ? null : upload(moves[1], "new places of moved tokens");
        var fill = new Fill(from, to);
        Tensor filled = fill.slots.length == 0 ? null : upload(fill.slots, "places of joining tokens");
        var done = new HashSet<Tensor>();
        for (Value value : graph.liveAfter(step)) {
            activations.activate(from.tokens());
            Tensor old = activations.tensor(value);
            // Values that share their memory move once.
            if (!done.add(old)) {
                continue;
            }
            activations.activate(to.tokens());
            Tensor now = activations.tensor(value);
            if (source != null && target != null) {
                Tensor moved = room(moves[0].length, value.width());
                device.ops().gather(old, source, moved, null, moves[0].length);
                device.ops().gather(moved, null, now, target, moves[0].length);
            }
            if (filled != null) {
                device.ops()
                        .gather(
                                fill.values(value, step),
                                upload(fill.index(value, step), "base values of joining rows"),
                                now,
                                filled,
                                fill.slots.length);
            }
        }
        activations.activate(to.tokens());
    }

    private Tensor room(int rows, int width) {
        if (scratch == null) {
            throw new IllegalStateException("no room for moved tokens");
        }
        return scratch.columns(0, (long) rows * width).reshape(rows, width);
    }

    /** Old and new places of the tokens that stay and change their place. */
    private static int[][] moves(Layout from, Layout to) {
        int[][] moves = new int[2][from.tokens()];
        int[] count = new int[1];
        from.forEach((slot, row, position) -> {
            int now = to.slot(row, position);
            if (now >= 0 && now != slot) {
                moves[0][count[0]] = slot;
                moves[1][count[0]++] = now;
            }
        });
        return new int[][] {Arrays.copyOf(moves[0], count[0]), Arrays.copyOf(moves[1], count[0])};
    }

    /** Tokens that join, with the values their base run has. */
    private final class Fill {
        private final int[] slots;
        private final int[] rows;
        private final int[] positions;

        Fill(Layout from, Layout to) {
            int[][] found = new int[3][to.tokens()];
            int[] count = new int[1];
            to.forEach((slot, row, position) -> {
                if (from.slot(row, position) < 0) {
                    found[0][count[0]] = slot;
                    found[1][count[0]] = row;
                    found[2][count[0]++] = position;
                }
            });
            slots = Arrays.copyOf(found[0], count[0]);
            rows = Arrays.copyOf(found[1], count[0]);
            positions = Arrays.copyOf(found[2], count[0]);
        }

        Tensor values(Value value, int step) {
            var attend = graph.keysOrValues(value, step);
            if (attend.isPresent()) {
                int layer = attend.get().layer();
                var base = request.base().orElseThrow();
                return value.equals(attend.get().k()) ? base.keys(layer) : base.values(layer);
            }
            return request.state().orElseThrow().capture(graph.joinPoint(value)).tensor();
        }

        int[] index(Value value, int step) {
            int[] index = new int[slots.length];
            if (graph.keysOrValues(value, step).isPresent()) {
                var base = request.base().orElseThrow();
                for (int i = 0; i < index.length; i++) {
                    index[i] = Math.toIntExact(base.begin(batch.row(rows[i]).base()) + positions[i]);
                }
                return index;
            }
            var captured = request.state().orElseThrow().capture(graph.joinPoint(value));
            for (int i = 0; i < index.length; i++) {
                int row = batch.row(rows[i]).base();
                long place = captured.index(row, positions[i]);
                if (place < 0) {
                    throw new IllegalArgumentException("base row " + row + " has not kept "
                            + captured.point().label() + " at position " + positions[i]);
                }
                index[i] = Math.toIntExact(place);
            }
            return index;
        }
    }
}
