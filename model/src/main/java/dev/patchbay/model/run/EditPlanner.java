package dev.patchbay.model.run;

import dev.patchbay.device.Device;
import dev.patchbay.device.TableEntry.EditEntry;
import dev.patchbay.device.TableEntry.EditOperation;
import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Edit.Operation;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compiles a program's edits for a batch: symbolic sources become indices into bound tensors, sets become table entries.
 * Everything that can be wrong is found here, before any work.
 */
final class EditPlanner {
    private final Architecture architecture;
    private final Device device;
    private final Batch batch;
    private final Bindings bindings;
    private final boolean lenient;
    private final EditPlan plan;
    private final List<Edit> edits;
    private final EditGroups groups = new EditGroups();

    /**
     * A planner of one run.
     *
     * @param lenient whether an edit may match nothing: a step of a generation, whose other steps it does match
     */
    EditPlanner(
            Architecture architecture,
            Device device,
            Batch batch,
            List<Edit> edits,
            Bindings bindings,
            boolean lenient) {
        this.architecture = architecture;
        this.device = device;
        this.batch = batch;
        this.bindings = bindings;
        this.lenient = lenient;
        this.edits = edits;
        this.plan = new EditPlan(edits.size());
    }

    EditPlan plan() {
        try {
            var check = new ProgramCheck(architecture);
            var inside = new AttentionEditPlanner(architecture, device, batch, bindings, plan);
            for (int index = 0; index < edits.size(); index++) {
                Edit edit = edits.get(index);
                String where = "edit " + index + " (" + edit.site().label() + ")";
                var places = check.places(edit, where);
                long matched = edit.site().traits().keys()
                        ? inside.add(edit, index, places, where)
                        : add(edit, index, places, where);
                if (matched == 0 && !lenient) {
                    throw new InputException(where + ": matches nothing; check its rows, positions and heads");
                }
            }
            checkSharedInputs();
            groups.send(device, architecture, plan);
            inside.finish();
            return plan;
        } catch (RuntimeException e) {
            plan.close();
            throw e;
        }
    }

    /** What single heads read comes before the norm whose output all heads share: one token cannot have edits of both. */
    private void checkSharedInputs() {
        for (int layer = 0; layer < architecture.layers(); layer++) {
            var shared = new SitePoint(Site.LN1_NORMALIZED, layer);
            var edited = new BitSet();
            groups.tokens(shared).forEach(edited::set);
            for (Site input : List.of(Site.Q_INPUT, Site.K_INPUT, Site.V_INPUT)) {
                var point = new SitePoint(input, layer);
                if (groups.tokens(point).anyMatch(edited::get)) {
                    throw new InputException("edits of " + point.label() + " and " + shared.label()
                            + " meet at one position: a head whose input is edited does not read what the others share;"
                            + " edit one of the two");
                }
            }
        }
    }

    private long add(Edit edit, int index, Map<SitePoint, int[]> places, String where) {
        int[] rows = rows(edit, batch, where);
        long matched = 0;
        for (var place : places.entrySet()) {
            SitePoint point = place.getKey();
            int[] heads = place.getValue();
            int siteHeads = edit.site().heads(architecture);
            int headWidth = edit.site().width(architecture, point.layer()) / siteHeads;
            int[] units = units(edit, headWidth, where);
            boolean wholeRow = heads.length == siteHeads && units.length == headWidth;
            var values = EditValues.of(edit, point, heads.length, units.length, bindings, where);
            Optional<float[]> basis = values.basis(edit, units.length, bindings, where);
            var target = groups.of(point, values, basis);
            long valueBase = target.append(values);
            int rank =
                    basis.map(rowsOfBasis -> rowsOfBasis.length / units.length).orElse(0);
            boolean merge = wholeRow
                    && rank == 0
                    && values.coversAllHeads()
                    && !edit.site().traits().singleHeads();
            for (int row : rows) {
                for (int position : batch.resolve(edit.positions(), row, where)) {
                    if (position < batch.row(row).start()) {
                        continue;
                    }
                    matched += heads.length;
                    int token = batch.token(point, row, position);
                    if (token < 0) {
                        batch.checkUnread(point, row, position, where);
                        continue;
                    }
                    if (merge) {
                        long source = values.source(valueBase, row, position, 0, 0, headWidth * siteHeads);
                        checkSource(source, values, where, row, position);
                        target.add(
                                entry(edit, values, token, 0, headWidth * siteHeads, source, 0, 0),
                                index,
                                heads.length);
                    } else {
                        addHeads(
                                edit, index, target, values, valueBase, rank, heads, headWidth, units, row, position,
                                token, where);
                    }
                }
            }
        }
        return matched;
    }

    private void addHeads(
            Edit edit,
            int index,
            EditGroups.Group target,
            EditValues values,
            long valueBase,
            int rank,
            int[] heads,
            int headWidth,
            int[] units,
            int row,
            int position,
            int token,
            String where) {
        int siteWidth = headWidth * edit.site().heads(architecture);
        for (int place = 0; place < heads.length; place++) {
            int first = 0;
            while (first < units.length) {
                int last = first;
                while (last + 1 < units.length && units[last + 1] == units[last] + 1) {
                    last++;
                }
                int column = heads[place] * headWidth + units[first];
                long source = values.source(valueBase, row, position, column, place * units.length + first, siteWidth);
                checkSource(source, values, where, row, position);
                target.add(
                        entry(edit, values, token, column, last - first + 1, source, 0, rank),
                        index,
                        first == 0 ? 1 : 0);
                first = last + 1;
            }
        }
    }

    private static void checkSource(long source, EditValues values, String where, int row, int position) {
        if (source < 0 && values.fromTensor()) {
            throw new InputException(where + ": its source has no value for position " + position + " of row " + row);
        }
    }

    private static EditEntry entry(
            Edit edit, EditValues values, int token, int column, int count, long source, long basis, int rank) {
        EditOperation operation = values.isFill() ? EditOperation.FILL : deviceOperation(edit.operation());
        float factor = values.isFill() ? values.fillValue() : edit.factor();
        return new EditEntry(token, column, count, operation, Math.max(source, 0), basis, rank, factor);
    }

    static EditOperation deviceOperation(Operation operation) {
        return switch (operation) {
            case ZERO -> EditOperation.FILL;
            case SCALE -> EditOperation.SCALE;
            case ADD -> EditOperation.ADD;
            case REPLACE -> EditOperation.REPLACE;
            case INTERPOLATE -> EditOperation.INTERPOLATE;
            case PROJECT_OUT -> EditOperation.PROJECT_OUT;
            case PROJECT_SWAP -> EditOperation.PROJECT_SWAP;
            case KNOCKOUT -> EditOperation.KNOCKOUT;
            case UNIFORM -> EditOperation.UNIFORM;
        };
    }

    /** The rows an edit names, checked against the batch. */
    static int[] rows(Edit edit, Batch batch, String where) {
        int[] rows = edit.rows().below(batch.rows().size());
        for (int row : rows) {
            if (row < 0 || row >= batch.rows().size()) {
                throw new InputException(where + ": row " + row + " is out of range; the batch has rows 0 to "
                        + (batch.rows().size() - 1));
            }
        }
        return rows;
    }

    private static int[] units(Edit edit, int headWidth, String where) {
        int[] units = edit.units().below(headWidth);
        for (int unit : units) {
            if (unit < 0 || unit >= headWidth) {
                throw new InputException(
                        where + ": unit " + unit + " is out of range; units are 0 to " + (headWidth - 1));
            }
        }
        if (edit.operation().needsBasis() && !(edit.units() instanceof Selection.All)) {
            throw new InputException(where + ": a projection acts on whole heads or the whole width, not on units");
        }
        return units;
    }
}
