package dev.patchbay.model.site;

import dev.patchbay.device.DType;
import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.config.Architecture.Experts;
import dev.patchbay.model.config.Architecture.MlpKind;
import dev.patchbay.model.config.Architecture.Wiring;
import dev.patchbay.model.site.SiteTraits.Access;
import dev.patchbay.model.site.SiteTraits.HeadKind;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The registry of named activations. {@code q} and {@code k} are after bias and before any norm or rotation, {@code rot_*}
 * after; {@code attn_out} and {@code mlp_out} are what is added to the residual stream, in every family; {@code attn_raw}
 * and {@code mlp_raw} are before post-norm and multiplier.
 */
public enum Site {
    /** Token embedding, after its multiplier and projection. */
    EMBED(SiteTraits.global(Access.EDITABLE), "hook_embed"),
    /** Learned position embedding. */
    POS_EMBED(SiteTraits.global(Access.EDITABLE), "hook_pos_embed"),
    /** Residual stream at the input of a block. */
    RESID_PRE(SiteTraits.layer(Access.EDITABLE), "hook_resid_pre"),
    /** Residual stream between attention and MLP; absent in parallel blocks. */
    RESID_MID(SiteTraits.layer(Access.EDITABLE), "hook_resid_mid"),
    /** Residual stream after a block. */
    RESID_POST(SiteTraits.layer(Access.EDITABLE), "hook_resid_post"),
    /** Divisor of the norm before attention. */
    LN1_SCALE(SiteTraits.layer(Access.READ_ONLY), "ln1.hook_scale"),
    /** Output of the norm before attention, weight and bias applied: what the projections read. */
    LN1_NORMALIZED(SiteTraits.layer(Access.EDITABLE), "ln1.hook_normalized"),
    /** The residual stream as each query head reads it. */
    Q_INPUT(SiteTraits.singleHeads(HeadKind.QUERY), "hook_q_input"),
    /** The residual stream as each key head reads it. */
    K_INPUT(SiteTraits.singleHeads(HeadKind.KEY_VALUE), "hook_k_input"),
    /** The residual stream as each value head reads it. */
    V_INPUT(SiteTraits.singleHeads(HeadKind.KEY_VALUE), "hook_v_input"),
    /** Queries, before norm and rotation. */
    Q(SiteTraits.heads(HeadKind.QUERY), "attn.hook_q"),
    /** Keys, before norm and rotation. */
    K(SiteTraits.heads(HeadKind.KEY_VALUE), "attn.hook_k"),
    /** Values. */
    V(SiteTraits.heads(HeadKind.KEY_VALUE), "attn.hook_v"),
    /** Queries after rotation. */
    ROT_Q(SiteTraits.heads(HeadKind.QUERY), "attn.hook_rot_q"),
    /** Keys after rotation. */
    ROT_K(SiteTraits.heads(HeadKind.KEY_VALUE), "attn.hook_rot_k"),
    /** Scores before softmax, after scale, soft-cap and position bias. */
    ATTN_SCORES(SiteTraits.attention(), "attn.hook_attn_scores"),
    /** Attention weights after softmax. */
    PATTERN(SiteTraits.attention(), "attn.hook_pattern"),
    /** Weighted values of each head, before the output projection. */
    Z(SiteTraits.heads(HeadKind.QUERY), "attn.hook_z"),
    /** z · W_O of each head, without bias. */
    RESULT(SiteTraits.singleHeads(HeadKind.QUERY), "attn.hook_result"),
    /** Output projection with bias, before post-norm and multiplier. */
    ATTN_RAW(SiteTraits.layer(Access.EDITABLE), "attn.hook_attn_raw"),
    /** What attention adds to the residual stream. */
    ATTN_OUT(SiteTraits.layer(Access.EDITABLE), "hook_attn_out"),
    /** The residual stream as the MLP's norm reads it. */
    MLP_IN(SiteTraits.layer(Access.EDITABLE), "hook_mlp_in"),
    /** Divisor of the norm before the MLP. */
    LN2_SCALE(SiteTraits.layer(Access.READ_ONLY), "ln2.hook_scale"),
    /** Output of the norm before the MLP, weight and bias applied. */
    LN2_NORMALIZED(SiteTraits.layer(Access.EDITABLE), "ln2.hook_normalized"),
    /** MLP hidden layer before the activation (the gate, in gated layers). */
    MLP_PRE(SiteTraits.layer(Access.EDITABLE), "mlp.hook_pre"),
    /** The linear branch of gated MLPs. */
    MLP_PRE_LINEAR(SiteTraits.layer(Access.EDITABLE), "mlp.hook_pre_linear"),
    /** MLP hidden layer after the activation (times the linear branch): the neurons. */
    MLP_POST(SiteTraits.layer(Access.EDITABLE), "mlp.hook_post"),
    /** MLP output before post-norm and multiplier. */
    MLP_RAW(SiteTraits.layer(Access.EDITABLE), "mlp.hook_raw"),
    /** What the MLP adds to the residual stream. */
    MLP_OUT(SiteTraits.layer(Access.EDITABLE), "hook_mlp_out"),
    /** Router scores of a mixture of experts, one an expert; an expert with −∞ is not chosen. */
    ROUTER_LOGITS(SiteTraits.layer(Access.EDITABLE), "mlp.hook_router_logits"),
    /** Weights of the chosen experts, in the order of {@link #EXPERT_INDEX}. */
    EXPERT_WEIGHTS(SiteTraits.layer(Access.EDITABLE), "mlp.hook_expert_weights"),
    /** Indices of the chosen experts, integers, that of the greatest score first. */
    EXPERT_INDEX(SiteTraits.layer(Access.READ_ONLY), "mlp.hook_expert_indices"),
    /** Divisor of the final norm. */
    LN_FINAL_SCALE(SiteTraits.global(Access.READ_ONLY), "ln_final.hook_scale"),
    /** Output of the final norm. */
    LN_FINAL(SiteTraits.global(Access.EDITABLE), "ln_final.hook_normalized"),
    /** Logits, after bias, multiplier and soft-cap. */
    LOGITS(SiteTraits.global(Access.READ_ONLY), "hook_logits");

    private static final String NO_COMMON_NEURONS =
            "neurons of a mixture of experts are those of other experts for every token; mlp_raw and mlp_out exist";

    private final SiteTraits traits;
    private final String transformerLensHook;

    Site(SiteTraits traits, String transformerLensHook) {
        this.traits = traits;
        this.transformerLensHook = transformerLensHook;
    }

    /** The name used in files and on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Axes, heads and access. */
    public SiteTraits traits() {
        return traits;
    }

    /** The last part of its TransformerLens hook name. */
    String transformerLensHook() {
        return transformerLensHook;
    }

    /** The site of this name, without layer. */
    public static Site named(String name) {
        return find(name)
                .orElseThrow(() -> new InputException("site '" + name + "': unknown; expected one of "
                        + Arrays.stream(values()).map(Site::label).collect(Collectors.joining(", "))
                        + ", or a TransformerLens hook name such as blocks.0.attn.hook_z"));
    }

    static Optional<Site> find(String name) {
        return Arrays.stream(values()).filter(site -> site.label().equals(name)).findFirst();
    }

    /** Heads along this site's head axis, 1 where it has none. */
    public int heads(Architecture architecture) {
        return switch (traits.heads()) {
            case NONE -> 1;
            case QUERY -> architecture.heads();
            case KEY_VALUE -> architecture.keyValueHeads();
        };
    }

    /**
     * Elements per token (per token and key for {@code attn_scores} and {@code pattern}) in a layer, heads included.
     */
    public int width(Architecture architecture, int layer) {
        return switch (this) {
            case Q, ROT_Q, Z -> architecture.queryWidth();
            case K, ROT_K, V -> architecture.keyValueWidth();
            case ATTN_SCORES, PATTERN -> architecture.heads();
            case RESULT, Q_INPUT -> Math.multiplyExact(architecture.heads(), architecture.modelWidth());
            case K_INPUT, V_INPUT -> Math.multiplyExact(architecture.keyValueHeads(), architecture.modelWidth());
            case LN1_SCALE, LN2_SCALE, LN_FINAL_SCALE -> 1;
            case MLP_PRE, MLP_PRE_LINEAR, MLP_POST ->
                architecture.mlp().get(layer).width();
            case LOGITS -> architecture.vocabulary();
            case ROUTER_LOGITS -> experts(architecture, layer).count();
            case EXPERT_WEIGHTS, EXPERT_INDEX -> experts(architecture, layer).chosen();
            default -> architecture.modelWidth();
        };
    }

    private Experts experts(Architecture architecture, int layer) {
        return architecture
                .mlp()
                .get(layer)
                .experts()
                .orElseThrow(() -> new IllegalArgumentException(label() + " of layer " + layer + ", without experts"));
    }

    /** Type of its elements. */
    public DType type() {
        return this == EXPERT_INDEX ? DType.I32 : DType.F32;
    }

    /** Why this site does not exist in a layer of a model, empty where it does. */
    public Optional<String> absence(Architecture architecture, int layer) {
        MlpKind mlp = traits.perLayer() ? architecture.mlp().get(layer).kind() : MlpKind.NONE;
        boolean preNorm = architecture.placement().isBefore();
        String reason = switch (this) {
            case POS_EMBED -> architecture.embedding().learnedPositions() ? "" : "the model has no learned positions";
            case RESID_MID ->
                architecture.wiring() == Wiring.SEQUENTIAL
                        ? ""
                        : "attention and MLP are parallel: there is no stream between them";
            case ROT_Q, ROT_K ->
                architecture.attention().get(layer).rope().isPresent() ? "" : "the layer has no rotary positions";
            case LN1_SCALE, LN1_NORMALIZED -> preNorm ? "" : "the block has no norm before attention";
            case LN2_SCALE, LN2_NORMALIZED ->
                mlp != MlpKind.NONE && preNorm && architecture.wiring() != Wiring.PARALLEL_ONE_NORM
                        ? ""
                        : "the block has no norm of its own before an MLP";
            case MLP_IN, MLP_RAW, MLP_OUT -> mlp != MlpKind.NONE ? "" : "the block has no MLP";
            case MLP_PRE, MLP_POST ->
                switch (mlp) {
                    case NONE -> "the block has no MLP";
                    case PLAIN, GATED -> "";
                    case EXPERTS -> NO_COMMON_NEURONS;
                };
            case MLP_PRE_LINEAR ->
                switch (mlp) {
                    case NONE, PLAIN -> "the MLP is not gated";
                    case GATED -> "";
                    case EXPERTS -> NO_COMMON_NEURONS;
                };
            case ROUTER_LOGITS, EXPERT_WEIGHTS, EXPERT_INDEX ->
                mlp == MlpKind.EXPERTS ? "" : "the block has no mixture of experts";
            case LN_FINAL, LN_FINAL_SCALE -> architecture.head().norm() ? "" : "the model has no final norm";
            default -> "";
        };
        return reason.isEmpty() ? Optional.empty() : Optional.of(reason);
    }
}
