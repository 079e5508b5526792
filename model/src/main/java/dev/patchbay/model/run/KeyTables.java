package dev.patchbay.model.run;

import dev.patchbay.device.Attention.MassLabel;
import dev.patchbay.device.Device;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.InputException;
import dev.patchbay.model.program.Keys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns predicates over keys into tables on the device, each once a run; layers share them. */
final class KeyTables {
    private static final int NO_CODE = -1;

    private final Device device;
    private final Batch batch;
    private final Layout layout;
    private final Cleanup own;
    private final Map<Keys, MassLabel> labels = new HashMap<>();
    private final int[] begin;
    private final Tensor begins;

    KeyTables(Device device, Batch batch, Layout layout, Cleanup own) {
        this.device = device;
        this.batch = batch;
        this.layout = layout;
        this.own = own;
        begin = new int[batch.rows().size() + 1];
        for (int row = 0; row < batch.rows().size(); row++) {
            begin[row + 1] = Math.addExact(begin[row], batch.row(row).end());
        }
        begins = upload(Arrays.copyOf(begin, begin.length - 1));
    }

    /** I32 {@code [1, rows]}: where each row's position 0 is among the positions of all rows, one row after another. */
    Tensor begins() {
        return begins;
    }

    /** As {@link #begins}, for one row. */
    int begin(int row) {
        return begin[row];
    }

    /** Number of positions of all rows, those of bases counted for each row over them. */
    int positions() {
        return begin[begin.length - 1];
    }

    MassLabel label(Keys keys, String where) {
        MassLabel known = labels.get(keys);
        if (known == null) {
            known = make(keys, where);
            labels.put(keys, known);
        }
        return known;
    }

    private MassLabel make(Keys keys, String where) {
        return switch (keys) {
            case Keys.Range(int from, int to, boolean self) -> new MassLabel.Range(from, to, self);
            case Keys.Offset(int distance) -> new MassLabel.Offset(distance);
            case Keys.SameToken(int shift, boolean self) -> sameToken(shift, self, where);
            case Keys.SameCode(var keyCodes, var queryCodes, boolean self) ->
                codes(codes(keyCodes, "key", where), codes(queryCodes, "query", where), self);
            case Keys.At at -> at(at, where);
            case Keys.Listed listed -> listed(listed, where);
            case Keys.Sink() -> new MassLabel.Sink();
        };
    }

    private MassLabel codes(int[] keyCodes, int[] queryCodes, boolean includeSelf) {
        return new MassLabel.SameCode(upload(keyCodes), upload(queryCodes), begins, includeSelf);
    }

    private MassLabel sameToken(int shift, boolean includeSelf, String where) {
        int[] keyCodes = new int[positions()];
        int[] queryCodes = new int[keyCodes.length];
        for (int row = 0; row < batch.rows().size(); row++) {
            Row run = batch.row(row);
            if (run.start() != 0) {
                throw new InputException(where + ": row " + row + " starts at position " + run.start()
                        + ", its earlier tokens are not known; give codes of its positions instead of same tokens");
            }
            int[] tokens = run.tokens();
            for (int position = 0; position < tokens.length; position++) {
                long from = (long) position - shift;
                keyCodes[begin[row] + position] = from >= 0 && from < tokens.length ? tokens[(int) from] : NO_CODE;
                queryCodes[begin[row] + position] = tokens[position];
            }
        }
        return codes(keyCodes, queryCodes, includeSelf);
    }

    private int[] codes(List<List<Integer>> byRow, String kind, String where) {
        checkLength(byRow.size(), where);
        int[] flat = new int[positions()];
        for (int row = 0; row < byRow.size(); row++) {
            var codes = byRow.get(row);
            checkPositions(codes.size(), row, kind + " codes", where);
            for (int position = 0; position < codes.size(); position++) {
                flat[begin[row] + position] = codes.get(position);
            }
        }
        return flat;
    }

    private MassLabel at(Keys.At keys, String where) {
        int[] keyCodes = new int[positions()];
        int[] queryCodes = new int[keyCodes.length];
        Arrays.fill(queryCodes, 1);
        boolean any = false;
        for (int row = 0; row < batch.rows().size(); row++) {
            for (int position : batch.resolve(keys.positions(), row, where)) {
                keyCodes[begin[row] + position] = 1;
                any = true;
            }
        }
        if (!any) {
            throw new InputException(where + ": matches no key; check its positions");
        }
        return codes(keyCodes, queryCodes, keys.includeSelf());
    }

    private MassLabel listed(Keys.Listed keys, String where) {
        checkLength(keys.keys().size(), where);
        int[] listBegin = new int[layout.tokens() + 1];
        var list = new ArrayList<Integer>();
        for (int row : layout.order()) {
            Row run = batch.row(row);
            var byQuery = keys.keys().get(row);
            checkPositions(byQuery.size(), row, "lists of keys", where);
            for (int position = run.start(); position < run.end(); position++) {
                for (int key :
                        byQuery.get(position).stream().sorted().distinct().toList()) {
                    if (key < 0 || key > position) {
                        throw new InputException(where + ": key " + key + " is out of range; query " + position
                                + " of row " + row + " has keys 0 to " + position);
                    }
                    list.add(key);
                }
                listBegin[layout.slot(row, position) + 1] = list.size();
            }
        }
        return new MassLabel.Listed(
                upload(list.stream().mapToInt(Integer::intValue).toArray()), upload(listBegin), keys.includeSelf());
    }

    private void checkLength(int rows, String where) {
        if (rows != batch.rows().size()) {
            throw new InputException(where + ": keys of " + rows + " rows, expected one list for each of the "
                    + batch.rows().size());
        }
    }

    private void checkPositions(int found, int row, String what, String where) {
        int end = batch.row(row).end();
        if (found != end) {
            throw new InputException(where + ": " + found + " " + what + " for row " + row
                    + ", expected one for each of its " + end + " positions");
        }
    }

    private Tensor upload(int[] values) {
        return own.tensor(device.upload(values, "tables of statistics"));
    }
}
