package dev.patchbay.model.run;

import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceTable;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.InputException;
import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.graph.Value;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.site.SitePoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets rows join a pass late: after the step up to which they equal their base run, with the values that run has there.
 * Tokens are ordered by their row's join step, so that those which have joined are always the first ones.
 */
final class Wavefront {
    private final Graph graph;
    private final Device device;
    private final Batch batch;
    private final RunRequest request;
    private final List<RowSpan> spans;
    private final Map<Integer, DeviceTable<RowSpan>> tables = new HashMap<>();
    private final Cleanup own;
    private int joined;

    Wavefront(Graph graph, Device device, Batch batch, RunRequest request, CapturePlan captures, Cleanup own) {
        this.graph = graph;
        this.device = device;
        this.batch = batch;
        this.request = request;
        this.own = own;
        spans = batch.spans(request.base());
        joined = batch.rowsAfter(Row.FROM_THE_START);
        if (batch.joins()) {
            check(captures);
        }
    }

    private void check(CapturePlan captures) {
        if (request.keepKeyValues()
                || request.logits() instanceof Logits.All
                || request.state().isEmpty()) {
            throw new IllegalArgumentException("rows that join late need the captures of their base run, and give back"
                    + " neither all logits nor keys and values");
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

    /** Tokens that have joined. */
    int tokens() {
        return batch.tokensOf(joined);
    }

    /** The rows that have joined. */
    DeviceTable<RowSpan> rows() {
        return tables.computeIfAbsent(
                joined, count -> own.table(device.table(RowSpan.class, spans.subList(0, count), "rows")));
    }

    /** Brings in the rows that join after {@code step}, which has just run on those before them. */
    void joinAfter(int step, Activations activations) {
        int now = batch.rowsAfter(step);
        if (now == joined) {
            return;
        }
        int from = batch.tokensOf(joined);
        int count = batch.tokensOf(now) - from;
        activations.activate(from + count);
        var state = request.state().orElseThrow();
        for (Value value : graph.liveAfter(step)) {
            Captured captured = state.capture(graph.joinPoint(value));
            Tensor index = index(captured, joined, now, count);
            Tensor target = activations.tensor(value).rows(from, count);
            device.ops().gather(captured.tensor(), index, target, null, count);
        }
        joined = now;
    }

    private Tensor index(Captured captured, int fromRow, int toRow, int count) {
        int[] places = new int[count];
        int filled = 0;
        for (int row : batch.order().subList(fromRow, toRow)) {
            Row run = batch.row(row);
            for (int position = run.start(); position < run.end(); position++) {
                long place = captured.index(run.base(), position);
                if (place < 0) {
                    throw new IllegalArgumentException("base row " + run.base() + " has not kept "
                            + captured.point().label() + " at position " + position);
                }
                places[filled++] = Math.toIntExact(place);
            }
        }
        return own.tensor(device.upload(places, "base values of joining rows"));
    }
}
