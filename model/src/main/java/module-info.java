/** Checkpoints, configurations, the one transformer graph, and the intervention programs it executes. */
@org.jspecify.annotations.NullMarked
module dev.patchbay.model {
    requires static transitive org.jspecify;
    requires transitive dev.patchbay.bindings;
    requires com.fasterxml.jackson.core;
    requires ai.djl.tokenizers;

    exports dev.patchbay.model;
    exports dev.patchbay.model.config;
    exports dev.patchbay.model.graph;
    exports dev.patchbay.model.processed;
    exports dev.patchbay.model.program;
    exports dev.patchbay.model.run;
    exports dev.patchbay.model.site;
    exports dev.patchbay.model.checkpoint;
    exports dev.patchbay.model.tokenizer;
    exports dev.patchbay.model.zoo;
}
