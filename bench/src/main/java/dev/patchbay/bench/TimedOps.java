package dev.patchbay.bench;

import dev.patchbay.device.Attention;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceTable;
import dev.patchbay.device.Ops;
import dev.patchbay.device.TableEntry.EditEntry;
import dev.patchbay.device.Tensor;
import dev.patchbay.device.Weight;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Adds up the time of every kind of operation; waits for the device after each, so that the time is its own. */
final class TimedOps implements Ops {
    private final Ops ops;
    private final Device device;
    private final Map<String, Long> nanoseconds = new TreeMap<>();

    TimedOps(Ops ops, Device device) {
        this.ops = ops;
        this.device = device;
    }

    /** Nanoseconds by kind of operation since the last {@link #reset}. */
    Map<String, Long> nanoseconds() {
        return nanoseconds;
    }

    void reset() {
        nanoseconds.clear();
    }

    private void timed(String kind, Runnable operation) {
        long begin = System.nanoTime();
        operation.run();
        device.synchronize();
        nanoseconds.merge(kind, System.nanoTime() - begin, Long::sum);
    }

    @Override
    public void gemm(List<Gemm> products) {
        timed("gemm", () -> ops.gemm(products));
    }

    @Override
    public void gemmChosen(Tensor x, Weight weight, @Nullable Tensor bias, Tensor row, Tensor column, Tensor out) {
        timed("gemm chosen", () -> ops.gemmChosen(x, weight, bias, row, column, out));
    }

    @Override
    public void attention(Attention arguments) {
        timed("attention", () -> ops.attention(arguments));
    }

    @Override
    public void norm(
            NormKind kind,
            float epsilon,
            float weightOffset,
            int groups,
            Tensor x,
            @Nullable Tensor weight,
            @Nullable Tensor bias,
            Tensor scale,
            Tensor out) {
        timed("norm", () -> ops.norm(kind, epsilon, weightOffset, groups, x, weight, bias, scale, out));
    }

    @Override
    public void rope(
            RopePairing pairing,
            int heads,
            int rotary,
            Tensor x,
            Tensor cosine,
            Tensor sine,
            Tensor positions,
            Tensor out) {
        timed("rope", () -> ops.rope(pairing, heads, rotary, x, cosine, sine, positions, out));
    }

    @Override
    public void activation(ActivationKind kind, Tensor x, @Nullable Tensor linear, Tensor out) {
        timed("activation", () -> ops.activation(kind, x, linear, out));
    }

    @Override
    public void add(Tensor a, Tensor b, float factor, Tensor out) {
        timed("add", () -> ops.add(a, b, factor, out));
    }

    @Override
    public void scale(Tensor a, float factor, Tensor out) {
        timed("scale", () -> ops.scale(a, factor, out));
    }

    @Override
    public void softCap(Tensor a, float cap, Tensor out) {
        timed("soft-cap", () -> ops.softCap(a, cap, out));
    }

    @Override
    public void clamp(Tensor a, float limit, Tensor out) {
        timed("clamp", () -> ops.clamp(a, limit, out));
    }

    @Override
    public void gather(
            Tensor source,
            @Nullable Tensor sourceIndex,
            Tensor destination,
            @Nullable Tensor destinationIndex,
            long count) {
        timed("gather", () -> ops.gather(source, sourceIndex, destination, destinationIndex, count));
    }

    @Override
    public void edit(
            Tensor x, DeviceTable<EditEntry> entries, @Nullable Tensor values, @Nullable Tensor bases, Tensor change) {
        timed("edit", () -> ops.edit(x, entries, values, bases, change));
    }

    @Override
    public void logSoftmax(Tensor x, Tensor out) {
        timed("log-softmax", () -> ops.logSoftmax(x, out));
    }

    @Override
    public void route(RouteKind kind, Tensor logits, Tensor weights, Tensor index) {
        timed("route", () -> ops.route(kind, logits, weights, index));
    }

    @Override
    public void expertRows(Tensor index, Tensor begin, Tensor order) {
        timed("expert rows", () -> ops.expertRows(index, begin, order));
    }

    @Override
    public void gemmExperts(ExpertGemm product) {
        timed("gemm experts", () -> ops.gemmExperts(product));
    }

    @Override
    public void mix(Tensor weights, Tensor parts, @Nullable Tensor addend, Tensor out) {
        timed("mix", () -> ops.mix(weights, parts, addend, out));
    }
}
