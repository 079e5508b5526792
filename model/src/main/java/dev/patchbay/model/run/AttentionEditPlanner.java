package dev.patchbay.model.run;

import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.TableEntry.AttentionEdit;
import dev.patchbay.device.TableEntry.AttentionStage;
import dev.patchbay.device.TableEntry.EditOperation;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Edit.Operation;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.run.EditPlan.PlannedAttentionEdit;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compiles edits of scores and pattern, which act inside a layer's attention pass. */
final class AttentionEditPlanner {
    private final Architecture architecture;
    private final Device device;
    private final Batch batch;
    private final Bindings bindings;
    private final EditPlan plan;
    private final Map<Integer, LayerEdits> layers = new LinkedHashMap<>();

    AttentionEditPlanner(Architecture architecture, Device device, Batch batch, Bindings bindings, EditPlan plan) {
        this.architecture = architecture;
        this.device = device;
        this.batch = batch;
        this.bindings = bindings;
        this.plan = plan;
    }

    /** One layer's edits, and the tensors their values lie in, one after another. */
    private static final class LayerEdits {
        private final List<PlannedAttentionEdit> edits = new ArrayList<>();
        private final List<Tensor> values = new ArrayList<>();
        private final Map<Long, BitSet> knockedOut = new HashMap<>();
        private long valueCount;

        long baseOf(Tensor tensor) {
            long begin = 0;
            for (Tensor known : values) {
                if (known.equals(tensor)) {
                    return begin;
                }
                begin += known.size();
            }
            values.add(tensor);
            valueCount += tensor.size();
            return begin;
        }
    }

    /** Neighbouring keys of one query and head. */
    private record Stretch(SitePoint point, int row, int position, int head, int keyBegin, int keyEnd) {
        AttentionEdit edit(int token, AttentionStage stage, EditOperation operation, long source, float factor) {
            return new AttentionEdit(token, head, keyBegin, keyEnd, stage, operation, source, factor);
        }
    }

    long add(Edit edit, int index, Map<SitePoint, int[]> places, String where) {
        long matched = 0;
        for (var place : places.entrySet()) {
            var layer = layers.computeIfAbsent(place.getKey().layer(), _ -> new LayerEdits());
            for (int row : EditPlanner.rows(edit, batch, where)) {
                for (int position : batch.resolve(edit.positions(), row, where)) {
                    if (position >= batch.row(row).start()) {
                        matched += addQuery(edit, index, layer, place.getKey(), place.getValue(), row, position, where);
                    }
                }
            }
        }
        return matched;
    }

    private long addQuery(
            Edit edit, int index, LayerEdits layer, SitePoint point, int[] heads, int row, int position, String where) {
        int[] keys = Arrays.stream(batch.resolve(edit.keys(), row, where))
                .filter(key -> key <= position)
                .toArray();
        long matched = 0;
        for (int first = 0; first < keys.length; ) {
            int last = first;
            while (last + 1 < keys.length && keys[last + 1] == keys[last] + 1) {
                last++;
            }
            for (int head : heads) {
                var stretch = new Stretch(point, row, position, head, keys[first], keys[last] + 1);
                layer.edits.add(new PlannedAttentionEdit(entry(edit, layer, stretch, where), index));
                if (edit.operation() == Operation.KNOCKOUT) {
                    checkKnockout(layer, stretch, where);
                }
                matched++;
            }
            first = last + 1;
        }
        return matched;
    }

    private AttentionEdit entry(Edit edit, LayerEdits layer, Stretch at, String where) {
        var stage = edit.site() == Site.PATTERN ? AttentionStage.PATTERN : AttentionStage.SCORES;
        int token = batch.token(at.point(), at.row(), at.position());
        EditOperation operation = EditPlanner.deviceOperation(edit.operation());
        if (edit.operation() == Operation.ZERO) {
            return at.edit(token, stage, EditOperation.FILL, 0, 0);
        }
        if (!edit.operation().needsSource()) {
            return at.edit(token, stage, operation, 0, edit.factor());
        }
        if (edit.source() instanceof Source.Constant(float value) && edit.operation() == Operation.REPLACE) {
            return at.edit(token, stage, EditOperation.FILL, 0, value);
        }
        long source = source(edit, layer, at, where);
        return at.edit(token, stage, operation, source, edit.factor());
    }

    private long source(Edit edit, LayerEdits layer, Stretch at, String where) {
        var values = EditValues.of(edit, at.point(), 1, at.keyEnd() - at.keyBegin(), bindings, where);
        if (values.fromTensor()) {
            long begin = values.attentionSource(0, at.row(), at.position(), at.head());
            if (begin < 0) {
                throw new InputException(
                        where + ": its source has no value for query " + at.position() + " of row " + at.row());
            }
            return layer.baseOf(values.tensor().orElseThrow()) + begin + at.keyBegin();
        }
        Tensor inline = plan.own(device.upload(values.inline(), 1, values.inline().length, "attention edit values"));
        return layer.baseOf(inline);
    }

    /** A query whose every visible key is knocked out has no pattern. */
    private void checkKnockout(LayerEdits layer, Stretch at, String where) {
        var spec = architecture.attention().get(at.point().layer());
        int from = spec.window() > 0 ? Math.max(0, at.position() - spec.window() + 1) : 0;
        long query = (long) batch.token(at.point(), at.row(), at.position()) * architecture.heads() + at.head();
        BitSet gone = layer.knockedOut.computeIfAbsent(query, _ -> new BitSet());
        gone.set(at.keyBegin(), at.keyEnd());
        if (!spec.sinks() && gone.nextClearBit(from) > at.position()) {
            throw new InputException(where + ": knocks out every key of query " + at.position() + " of row " + at.row()
                    + ", head " + at.point().layer() + "." + at.head()
                    + ": the row would be empty; leave at least one key");
        }
    }

    void finish() {
        layers.forEach((layer, edits) -> {
            if (!edits.edits.isEmpty()) {
                plan.addInside(device, layer, edits.edits, joined(edits));
            }
        });
    }

    /** The values of a layer's edits in one tensor, copied together on the device where they lie in several. */
    private Optional<Tensor> joined(LayerEdits layer) {
        if (layer.values.size() <= 1) {
            return layer.values.stream().findFirst();
        }
        Tensor all = plan.own(device.tensor(DType.F32, 1, layer.valueCount, "attention edit values"));
        long begin = 0;
        for (Tensor part : layer.values) {
            device.ops().gather(part.reshape(1, part.size()), null, all.columns(begin, part.size()), null, 1);
            begin += part.size();
        }
        return Optional.of(all);
    }
}
