package dev.patchbay.model.config;

import dev.patchbay.model.checkpoint.Json;

/** What MPT's configuration can say and the reference then does not do. */
final class MptChecks {
    private static final String IGNORED =
            "the reference ignores the key, so its numbers would not be those of the model";

    private MptChecks() {}

    static void run(ConfigSection config) {
        config.only(new Json.Numeral("4"), "expansion_ratio", IGNORED);
        config.only(true, "no_bias", IGNORED);
        config.absent("logit_scale", IGNORED);
        config.section("attn_config").ifPresent(attention -> {
            attention.only(true, "alibi", IGNORED);
            attention.only(new Json.Numeral("8"), "alibi_bias_max", IGNORED);
            attention.only(false, "qk_ln", IGNORED);
            attention.only(false, "prefix_lm", IGNORED);
            attention.only(new Json.Text("multihead_attention"), "attn_type", IGNORED);
            attention.only(false, "attn_uses_sequence_id", IGNORED);
        });
    }
}
