/** Prompt pairs, metrics, exact sweeps and their results. */
@org.jspecify.annotations.NullMarked
module dev.patchbay.analysis {
    requires static transitive org.jspecify;
    requires transitive dev.patchbay.model;
    requires com.fasterxml.jackson.core;
    requires java.sql;
    requires org.xerial.sqlitejdbc;

    exports dev.patchbay.analysis.data;
    exports dev.patchbay.analysis.io;
    exports dev.patchbay.analysis.metric;
    exports dev.patchbay.analysis.pairs;
    exports dev.patchbay.analysis.results;
    exports dev.patchbay.analysis.statistics;
    exports dev.patchbay.analysis.store;
    exports dev.patchbay.analysis.sweep;
}
