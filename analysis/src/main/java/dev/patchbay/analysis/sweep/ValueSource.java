package dev.patchbay.analysis.sweep;

import dev.patchbay.model.program.Source;
import dev.patchbay.model.run.Bindings;
import java.util.List;

/** Where the patches of one batch of pairs take their values from. Owns device memory; closed by whoever opened it. */
interface ValueSource extends AutoCloseable {
    /** What edits name it by. */
    Source source();

    /** The values for a batch of planned rows. */
    Bindings bindings(List<PlannedRow> rows);

    /** The first position of a pair at which its values can differ from the base run's own. */
    int firstChange(int pair);

    @Override
    void close();

    /** Methods whose value is in the edit itself. */
    record Immediate(Source source) implements ValueSource {
        @Override
        public Bindings bindings(List<PlannedRow> rows) {
            return Bindings.NONE;
        }

        @Override
        public int firstChange(int pair) {
            return 0;
        }

        @Override
        public void close() {}
    }
}
