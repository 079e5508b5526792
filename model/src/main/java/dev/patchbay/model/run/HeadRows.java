package dev.patchbay.model.run;

import dev.patchbay.device.DType;
import dev.patchbay.device.Ops;
import dev.patchbay.device.Tensor;
import dev.patchbay.device.Weight;
import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.graph.Value;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that go through the head: only those whose logits are read, all where a site of the head is edited or kept.
 */
final class HeadRows {
    private final boolean needed;
    private final boolean everyToken;
    private final int count;
    private final @Nullable Tensor tokens;
    private final Optional<Tensor> logits;
    private final Optional<Tensor> computed;
    private final @Nullable Tensor chosenRow;
    private final @Nullable Tensor chosenColumn;
    private final int @Nullable [] returned;
    private final Model model;
    private final Logits request;

    HeadRows(
            Model model,
            Batch batch,
            Logits request,
            EditPlan edits,
            CapturePlan captures,
            Cleanup own,
            Cleanup results) {
        this.model = model;
        this.request = request;
        var device = model.device();
        Architecture architecture = model.architecture();
        boolean sites = captures.touches(Site.LN_FINAL)
                || captures.touches(Site.LN_FINAL_SCALE)
                || captures.touches(Site.LOGITS)
                || edits.touches(new SitePoint(Site.LN_FINAL, 0));
        needed = sites || !(request instanceof Logits.None);
        everyToken = sites || request instanceof Logits.All;
        count = everyToken ? batch.atHead().tokens() : batch.rows().size();
        int[] last = batch.lastTokens();
        tokens = everyToken ? null : own.tensor(device.upload(last, "last tokens"));
        if (request instanceof Logits.Chosen chosen) {
            int[][] places = chosen(chosen, batch, architecture);
            if (everyToken) {
                for (int i = 0; i < places[0].length; i++) {
                    places[0][i] = last[places[0][i]];
                }
            }
            chosenRow = own.tensor(device.upload(places[0], "chosen rows"));
            chosenColumn = own.tensor(device.upload(places[1], "chosen tokens"));
            logits = Optional.of(results.tensor(device.tensor(DType.F32, 1, places[0].length, "chosen logits")));
            computed = logits;
        } else {
            chosenRow = null;
            chosenColumn = null;
            computed = needed
                    ? Optional.of(results.tensor(device.tensor(DType.F32, count, architecture.vocabulary(), "logits")))
                    : Optional.empty();
            logits = computed;
        }
        returned = request instanceof Logits.Last && everyToken ? last : null;
    }

    private static int[][] chosen(Logits.Chosen chosen, Batch batch, Architecture architecture) {
        if (chosen.tokens().size() != batch.rows().size()) {
            throw new IllegalArgumentException(
                    "chosen logits for " + chosen.tokens().size() + " rows, the batch has "
                            + batch.rows().size());
        }
        int[] row = IntStream.range(0, batch.rows().size())
                .flatMap(index ->
                        IntStream.range(0, chosen.tokens().get(index).length).map(_ -> index))
                .toArray();
        int[] column = chosen.tokens().stream().flatMapToInt(IntStream::of).toArray();
        for (int id : column) {
            if (id < 0 || id >= architecture.vocabulary()) {
                throw new InputException("chosen logits: token id " + id
                        + " is out of range; the vocabulary has ids 0 to " + (architecture.vocabulary() - 1));
            }
        }
        return new int[][] {row, column};
    }

    boolean needed() {
        return needed;
    }

    boolean chosen() {
        return request instanceof Logits.Chosen;
    }

    /** Where values as wide as the vocabulary live; empty where the head is not run. */
    Optional<Tensor> logitsTensor() {
        return computed;
    }

    /** Takes the residual stream of the head's tokens. */
    void gather(Ops ops, Activations activations, Value residualEnd) {
        Tensor all = activations.tensor(residualEnd);
        activations.enterHead(count);
        if (!everyToken) {
            Tensor chosenRows = activations.headResidual(residualEnd);
            ops.gather(all, tokens, chosenRows, null, count);
        }
    }

    void projectChosen(Ops ops, Tensor x, Weight weight, @Nullable Tensor bias) {
        if (chosenRow == null || chosenColumn == null) {
            throw new IllegalStateException("no logits were chosen");
        }
        ops.gemmChosen(x, weight, bias, chosenRow, chosenColumn, logits.orElseThrow());
    }

    /** The logits asked for, given away. */
    Optional<Tensor> takeLogits() {
        if (request instanceof Logits.None) {
            logits.ifPresent(tensor -> tensor.buffer().close());
            return Optional.empty();
        }
        if (returned != null) {
            Tensor all = logits.orElseThrow();
            Tensor last = model.device().tensor(DType.F32, returned.length, all.columns(), "logits");
            Tensor index = model.device().upload(returned, "last tokens");
            model.device().ops().gather(all, index, last, null, returned.length);
            index.buffer().close();
            all.buffer().close();
            return Optional.of(last);
        }
        return logits;
    }
}
