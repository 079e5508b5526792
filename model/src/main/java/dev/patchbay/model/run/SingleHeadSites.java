package dev.patchbay.model.run;

import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.Ops;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.graph.Step;
import dev.patchbay.model.site.Site;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What single heads read ({@code q_input}, {@code k_input}, {@code v_input}) and write ({@code result}): as wide as the
 * residual stream for every head, so it is worked out only where it is edited or kept. A head whose input is edited gets
 * its query, key or value anew, by the operations and in the order of sums that the whole layer has; a head whose result is
 * edited adds what the edit changed to the sum of all heads. An edit that changes nothing leaves the bits as they are.
 */
final class SingleHeadSites {
    private final Model model;
    private final Graph graph;
    private final Architecture architecture;
    private final Device device;
    private final Ops ops;
    private final EditPlan edits;
    private final CapturePlan captures;
    private final Activations activations;
    private final Cleanup own;
    private final Optional<Scratch> scratch;

    /** Room for the most places that one site is edited at; sites take turns. */
    private record Scratch(
            Tensor tokens,
            Tensor flat,
            Tensor chosenRow,
            Tensor chosenColumn,
            Tensor streams,
            Tensor others,
            Tensor scale,
            Tensor heads) {
        static Scratch allocate(Device device, Architecture architecture, int places, Cleanup own) {
            int headSize = architecture.headSize();
            int width = architecture.modelWidth();
            int[] rows = new int[Math.multiplyExact(places, headSize)];
            java.util.Arrays.setAll(rows, i -> i / headSize);
            return new Scratch(
                    own.tensor(device.tensor(DType.I32, 1, places, "tokens of single heads")),
                    own.tensor(device.tensor(DType.I32, 1, places, "single heads")),
                    own.tensor(device.upload(rows, "rows of single heads")),
                    own.tensor(device.tensor(DType.I32, 1, rows.length, "columns of single heads")),
                    own.tensor(device.tensor(DType.F32, places, width, "streams of single heads")),
                    own.tensor(device.tensor(DType.F32, places, width, "changed streams of single heads")),
                    own.tensor(device.tensor(DType.F32, places, 1, "norms of single heads")),
                    own.tensor(device.tensor(DType.F32, 1, rows.length, "vectors of single heads")));
        }
    }

    SingleHeadSites(Model model, EditPlan edits, CapturePlan captures, Activations activations, Cleanup own) {
        this.model = model;
        this.edits = edits;
        this.captures = captures;
        this.activations = activations;
        this.own = own;
        graph = model.graph();
        architecture = graph.architecture();
        device = model.device();
        ops = device.ops();
        int most = 0;
        for (HeadPlaces places : edits.singleHeads()) {
            most = Math.max(most, places.size());
        }
        scratch = most == 0 ? Optional.empty() : Optional.of(Scratch.allocate(device, architecture, most, own));
    }

    /** Edits and captures of the heads that read or write through a projection, which has just run for all. */
    void after(Step.Project step) {
        var site = step.heads().orElseThrow();
        Tensor whole = activations.tensor(site.whole());
        boolean writes = site.point().site() == Site.RESULT;
        var kept = captures.at(site.point());
        kept.ifPresent(plan -> {
            if (writes) {
                keepResults(plan, whole, step);
            } else {
                keepInputs(plan, whole);
            }
        });
        edits.singleHeads(site.point()).ifPresent(places -> {
            var room = scratch.orElseThrow();
            room.tokens().columns(0, places.size()).set(places.tokens());
            Tensor edited = writes ? editResults(step, whole, places, room) : editInputs(step, whole, places, room);
            kept.ifPresent(plan -> overwrite(plan, places, edited));
            if (writes) {
                addChange(activations.tensor(step.out()), places, room);
            }
        });
    }

    /** The edited heads' streams; from them, through the norm and the projection, what the heads read. */
    private Tensor editInputs(Step.Project step, Tensor stream, HeadPlaces places, Scratch room) {
        int count = places.size();
        int headSize = architecture.headSize();
        Tensor streams = room.streams().rows(0, count);
        ops.gather(stream, room.tokens().columns(0, count), streams, null, count);
        edits.apply(ops, step.heads().orElseThrow().point(), streams);
        int[] columns = new int[count * headSize];
        java.util.Arrays.setAll(columns, i -> places.heads()[i / headSize] * headSize + i % headSize);
        Tensor column = room.chosenColumn().columns(0, columns.length);
        column.set(columns);
        Tensor vectors = room.heads().columns(0, columns.length);
        ops.gemmChosen(
                normalised(step, streams, room),
                model.weights().matrix(step.weight()),
                model.weights().optional(step.bias()),
                room.chosenRow().columns(0, columns.length),
                column,
                vectors);
        Tensor out = activations.tensor(step.out());
        long heads = out.columns() / headSize;
        Tensor flat = room.flat().columns(0, count);
        flat.set(places.flat((int) heads));
        ops.gather(vectors.reshape(count, headSize), null, out.reshape(out.rows() * heads, headSize), flat, count);
        return streams;
    }

    /** The streams after the norm that lies between them and a projection, where there is one. */
    private Tensor normalised(Step.Project step, Tensor streams, Scratch room) {
        if (step.in().equals(step.heads().orElseThrow().whole())) {
            return streams;
        }
        if (!(graph.steps().get(graph.definition(step.in())) instanceof Step.Norm norm)
                || !norm.in().equals(step.heads().get().whole())) {
            throw new IllegalStateException(step + " reads neither the stream nor a norm of it");
        }
        Tensor out = room.others().rows(0, streams.rows());
        ops.norm(
                norm.norm().kind(),
                norm.norm().epsilon(),
                norm.norm().weightOffset(),
                norm.groups(),
                streams,
                model.weights().optional(norm.weight()),
                model.weights().optional(norm.bias()),
                room.scale().rows(0, streams.rows()),
                out);
        return out;
    }

    /** The edited heads' results; what they were before stays in {@code room.others()}. */
    private Tensor editResults(Step.Project step, Tensor z, HeadPlaces places, Scratch room) {
        int count = places.size();
        int heads = architecture.heads();
        Tensor flat = room.flat().columns(0, count);
        flat.set(places.flat(heads));
        Tensor vectors =
                room.heads().columns(0, (long) count * architecture.headSize()).reshape(count, architecture.headSize());
        ops.gather(z.reshape(z.rows() * heads, architecture.headSize()), flat, vectors, null, count);
        Tensor before = room.others().rows(0, count);
        var products = new ArrayList<Ops.Gemm>();
        for (int head = 0; head < heads; head++) {
            int begin = places.begin(head);
            int own = places.begin(head + 1) - begin;
            if (own > 0) {
                products.add(product(step, vectors.rows(begin, own), head, before.rows(begin, own)));
            }
        }
        ops.gemm(products);
        Tensor results = room.streams().rows(0, count);
        ops.gather(before, null, results, null, count);
        edits.apply(ops, step.heads().orElseThrow().point(), results);
        return results;
    }

    /** Adds after − before of every edited head to the sum of all, by ascending head. */
    private void addChange(Tensor sum, HeadPlaces places, Scratch room) {
        Tensor change = room.streams().rows(0, places.size());
        Tensor before = room.others().rows(0, places.size());
        ops.add(change, before, -1, change);
        for (int head = 0; head < architecture.heads(); head++) {
            int begin = places.begin(head);
            int count = places.begin(head + 1) - begin;
            if (count > 0) {
                Tensor tokens = room.tokens().columns(begin, count);
                Tensor sums = before.rows(begin, count);
                ops.gather(sum, tokens, sums, null, count);
                ops.add(sums, change.rows(begin, count), 1, sums);
                ops.gather(sums, null, sum, tokens, count);
            }
        }
    }

    private Ops.Gemm product(Step.Project step, Tensor vectors, int head, Tensor out) {
        var weight = model.weights().matrix(step.weight());
        long begin = (long) head * architecture.headSize();
        return new Ops.Gemm(vectors, weight, Ops.Direction.FORWARD, begin, null, out);
    }

    /** The residual stream as each head reads it: the same for every head. */
    private void keepInputs(CapturePlan.Plan plan, Tensor stream) {
        int width = architecture.modelWidth();
        Tensor target = plan.captured().tensor();
        for (long begin = 0; begin < target.columns(); begin += width) {
            plan.copy(device, stream, target.columns(begin, width), own);
        }
    }

    /** z_h · W_O of every head. */
    private void keepResults(CapturePlan.Plan plan, Tensor z, Step.Project step) {
        Tensor chosen =
                own.tensor(device.tensor(DType.F32, plan.tokens().length, z.columns(), "z of captured results"));
        plan.copy(device, z, chosen, own);
        int width = architecture.modelWidth();
        var products = new ArrayList<Ops.Gemm>();
        for (int head = 0; head < architecture.heads(); head++) {
            Tensor vectors = chosen.columns((long) head * architecture.headSize(), architecture.headSize());
            Tensor target = plan.captured().tensor().columns((long) head * width, width);
            products.add(product(step, vectors, head, target));
        }
        ops.gemm(products);
    }

    /** Puts the edited heads' values over those that are kept of all heads. */
    private void overwrite(CapturePlan.Plan plan, HeadPlaces places, Tensor edited) {
        Tensor target = plan.captured().tensor();
        int heads = Math.toIntExact(target.columns() / architecture.modelWidth());
        List<Integer> from = new ArrayList<>();
        List<Integer> to = new ArrayList<>();
        for (int kept = 0; kept < plan.tokens().length; kept++) {
            for (int head = 0; head < heads; head++) {
                int row = places.row(head, plan.tokens()[kept]);
                if (row >= places.begin(head) && row < places.begin(head + 1)) {
                    from.add(row);
                    to.add(kept * heads + head);
                }
            }
        }
        if (!from.isEmpty()) {
            ops.gather(
                    edited,
                    index(from),
                    target.reshape(target.rows() * heads, architecture.modelWidth()),
                    index(to),
                    from.size());
        }
    }

    private Tensor index(List<Integer> rows) {
        int[] places = rows.stream().mapToInt(Integer::intValue).toArray();
        return own.tensor(device.upload(places, "places of kept heads"));
    }
}
