package dev.patchbay.model.run;

import dev.patchbay.device.Device;
import dev.patchbay.device.TableEntry.AttentionRow;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.run.Captured.RowRange;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** What a run keeps: for every captured place which tokens, and where they go. */
final class CapturePlan {
    private final Architecture architecture;
    private final Device device;
    private final Batch batch;
    private final Cleanup results;
    private final Map<SitePoint, Plan> plans = new HashMap<>();

    /** One captured place: its tensor, allocated before the run, and the batch tokens copied into it in order. */
    record Plan(Captured captured, int[] tokens, List<AttentionRow> attentionRows) {
        /** Keeps the chosen tokens of a site's value. */
        void keep(Device device, Tensor value, Cleanup own) {
            copy(device, value, captured.tensor(), own);
        }

        /** Copies the chosen tokens' rows of a value, in order. */
        void copy(Device device, Tensor value, Tensor target, Cleanup own) {
            boolean all = tokens.length == value.rows()
                    && IntStream.range(0, tokens.length).allMatch(i -> tokens[i] == i);
            Tensor index = all ? null : own.tensor(device.upload(tokens, "captured tokens"));
            device.ops().gather(value, index, target, null, tokens.length);
        }
    }

    /** Allocates what captures need, into the care of {@code results}. */
    CapturePlan(Architecture architecture, Device device, Batch batch, List<Capture> captures, Cleanup results) {
        this.architecture = architecture;
        this.device = device;
        this.batch = batch;
        this.results = results;
        for (Capture capture : captures) {
            SitePoint point = SitePoint.checked(capture.point(), capture.point().label(), architecture);
            if (plans.containsKey(point)) {
                throw new InputException("capture of " + point.label() + ": asked for twice");
            }
            plans.put(point, point.site().traits().keys() ? attention(capture) : tokens(capture));
        }
    }

    Optional<Plan> at(SitePoint point) {
        return Optional.ofNullable(plans.get(point));
    }

    boolean touches(Site site) {
        return plans.keySet().stream().anyMatch(point -> point.site() == site);
    }

    Iterable<SitePoint> points() {
        return plans.keySet();
    }

    Map<SitePoint, Captured> captured() {
        var captured = new HashMap<SitePoint, Captured>();
        plans.forEach((point, plan) -> captured.put(point, plan.captured()));
        return captured;
    }

    private Plan tokens(Capture capture) {
        SitePoint point = capture.point();
        String where = "capture of " + point.label();
        var ranges = new ArrayList<RowRange>();
        int[] tokens = new int[batch.tokens()];
        int count = 0;
        for (int row = 0; row < batch.rows().size(); row++) {
            var positions = new ArrayList<Integer>();
            int begin = count;
            Row run = batch.row(row);
            if (capture.rows().contains(row)) {
                for (int position : batch.resolve(capture.positions(), row, where)) {
                    int token = batch.token(point, row, position);
                    if (token >= 0) {
                        tokens[count++] = token;
                        positions.add(position);
                    }
                }
            }
            ranges.add(new RowRange(begin, positions, run.start(), run.end()));
        }
        if (count == 0) {
            throw new InputException(where + ": matches nothing; check its rows and positions");
        }
        int width = point.site().width(architecture, point.layer());
        Tensor tensor = results.tensor(device.tensor(point.site().type(), count, width, where));
        return new Plan(new Captured(point, tensor, ranges), Arrays.copyOf(tokens, count), List.of());
    }

    private Plan attention(Capture capture) {
        SitePoint point = capture.point();
        String where = "capture of " + point.label();
        var ranges = new ArrayList<RowRange>();
        var requests = new ArrayList<AttentionRow>();
        long size = 0;
        for (int row = 0; row < batch.rows().size(); row++) {
            Row run = batch.row(row);
            var positions = new ArrayList<Integer>();
            long begin = size;
            if (capture.rows().contains(row)) {
                for (int position : batch.resolve(capture.positions(), row, where)) {
                    if (position >= run.start()) {
                        positions.add(position);
                    }
                }
                long headSize = Math.multiplyExact((long) positions.size(), run.end());
                for (int query = 0; query < positions.size(); query++) {
                    for (int head = 0; head < architecture.heads(); head++) {
                        long offset = begin + head * headSize + (long) query * run.end();
                        requests.add(new AttentionRow(batch.token(point, row, positions.get(query)), head, offset));
                    }
                }
                size = Math.addExact(size, Math.multiplyExact(headSize, architecture.heads()));
            }
            ranges.add(new RowRange(begin, positions, run.start(), run.end()));
        }
        if (requests.isEmpty()) {
            throw new InputException(where + ": matches nothing; check its rows and positions");
        }
        float[] hidden = new float[Math.toIntExact(size)];
        if (point.site() == Site.ATTN_SCORES) {
            Arrays.fill(hidden, Float.NEGATIVE_INFINITY);
        }
        Tensor tensor = results.tensor(device.upload(hidden, 1, size, where));
        return new Plan(new Captured(point, tensor, ranges), new int[0], requests);
    }
}
