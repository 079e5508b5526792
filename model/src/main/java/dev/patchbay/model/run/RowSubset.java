package dev.patchbay.model.run;

import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.stream.IntStream;

/** A program and its bindings, restated for a batch that holds only some of the rows they speak of. */
final class RowSubset {
    private RowSubset() {}

    /** Row i of the new batch is row {@code rows[i]} of the program; edits of none of them are left out. */
    static Program of(Program program, int[] rows) {
        var edits = new ArrayList<Edit>();
        for (Edit edit : program.edits()) {
            if (edit.rows() instanceof Selection.All) {
                edits.add(edit);
                continue;
            }
            int[] kept = IntStream.range(0, rows.length)
                    .filter(i -> edit.rows().contains(rows[i]))
                    .toArray();
            if (kept.length > 0) {
                edits.add(new Edit(
                        edit.site(),
                        edit.layers(),
                        edit.heads(),
                        edit.layerHeads(),
                        edit.units(),
                        edit.positions(),
                        edit.keys(),
                        Selection.of(kept),
                        edit.operation(),
                        edit.factor(),
                        edit.source(),
                        edit.basis()));
            }
        }
        return new Program(edits, program.captures(), program.statistics());
    }

    static Bindings of(Bindings bindings, int[] rows) {
        return new Bindings() {
            @Override
            public SiteValues values(Source source, SitePoint point) {
                SiteValues all = bindings.values(source, point);
                return new SiteValues() {
                    @Override
                    public dev.patchbay.device.Tensor tensor() {
                        return all.tensor();
                    }

                    @Override
                    public long index(int row, int position, int head) {
                        return all.index(rows[row], position, head);
                    }
                };
            }

            @Override
            public NamedTensor tensor(String name) {
                return bindings.tensor(name);
            }
        };
    }
}
