package dev.patchbay.bindings;

import java.util.List;

/** The structs of {@code patchbay/ops.h} and {@code patchbay/cuda.h}, each declared once; a test compares every size and offset with the C side. */
public final class NativeStructs {

    /** {@code pb_gemm}. */
    public static final NativeStruct GEMM = NativeStruct.declare("pb_gemm", """
            pointer x weight bias out;
            int64 rows inner columns x_stride out_stride weight_inner inner_begin;""");

    /** {@code pb_pack}. */
    public static final NativeStruct PACK = NativeStruct.declare("pb_pack", """
            pointer raw packed;
            int64 inner columns stride;
            int32 source_transposed reserved;""");

    /** {@code pb_gemm_chosen}. */
    public static final NativeStruct GEMM_CHOSEN = NativeStruct.declare("pb_gemm_chosen", """
            pointer x weight bias out row column;
            int64 count inner columns x_stride;""");

    /** {@code pb_row}. */
    public static final NativeStruct ROW = NativeStruct.declare("pb_row", """
            int32 token length start base;""");

    /** {@code pb_edit_entry}. */
    public static final NativeStruct EDIT_ENTRY = NativeStruct.declare("pb_edit_entry", """
            int32 token column count op;
            int64 source basis;
            int32 rank;
            float32 factor;""");

    /** {@code pb_edit}. */
    public static final NativeStruct EDIT = NativeStruct.declare("pb_edit", """
            pointer x entries values bases change;
            int64 entry_count x_stride;""");

    /** {@code pb_attention_edit}. */
    public static final NativeStruct ATTENTION_EDIT = NativeStruct.declare("pb_attention_edit", """
            int32 token head key_begin key_end stage op;
            int64 source;
            float32 factor;
            int32 reserved;""");

    /** {@code pb_attention_row}. */
    public static final NativeStruct ATTENTION_ROW = NativeStruct.declare("pb_attention_row", """
            int32 token head;
            int64 offset;""");

    /** {@code pb_mass_label}. */
    public static final NativeStruct MASS_LABEL = NativeStruct.declare("pb_mass_label", """
            int32 predicate a b without_self;
            pointer key_codes query_codes code_base list list_begin;""");

    /** {@code pb_attention}. */
    public static final NativeStruct ATTENTION = NativeStruct.declare("pb_attention", """
            pointer q k v base_k base_v z lse rows alibi_slopes sinks edits edit_values edit_change score_rows;
            pointer scores pattern_rows pattern top_value top_index entropy mass labels;
            pointer key_weights base_key_weights weighted chosen_value chosen_index received received_begin;
            int64 row_count edit_count score_row_count pattern_row_count q_stride k_stride v_stride;
            int64 base_k_stride base_v_stride z_stride key_weight_stride base_key_weight_stride;
            int32 heads kv_heads d_head window label_count;
            float32 scale soft_cap;
            int32 weight_count chosen_label alibi_positions;""");

    /** {@code pb_norm}. */
    public static final NativeStruct NORM = NativeStruct.declare("pb_norm", """
            pointer x weight bias out scale;
            int64 rows x_stride out_stride;
            int32 groups width kind weight_per_group;
            float32 eps weight_offset;""");

    /** {@code pb_rope}. */
    public static final NativeStruct ROPE = NativeStruct.declare("pb_rope", """
            pointer x out cosine sine positions;
            int64 rows x_stride out_stride;
            int32 heads d_head rotary pairing;""");

    /** {@code pb_activation}. */
    public static final NativeStruct ACTIVATION = NativeStruct.declare("pb_activation", """
            pointer x linear out;
            int64 rows columns x_stride linear_stride out_stride;
            int32 kind reserved;""");

    /** {@code pb_combine}. */
    public static final NativeStruct COMBINE = NativeStruct.declare("pb_combine", """
            pointer a b out;
            int64 rows columns a_stride b_stride out_stride;
            int32 kind;
            float32 factor;""");

    /** {@code pb_gather}. */
    public static final NativeStruct GATHER = NativeStruct.declare("pb_gather", """
            pointer src dst src_index dst_index;
            int64 rows columns src_stride dst_stride;""");

    /** {@code pb_log_softmax}. */
    public static final NativeStruct LOG_SOFTMAX = NativeStruct.declare("pb_log_softmax", """
            pointer x out;
            int64 rows columns x_stride out_stride;""");

    /** {@code pb_route}. */
    public static final NativeStruct ROUTE = NativeStruct.declare("pb_route", """
            pointer logits weights index;
            int64 rows logits_stride;
            int32 experts chosen kind reserved;""");

    /** {@code pb_expert_rows}. */
    public static final NativeStruct EXPERT_ROWS = NativeStruct.declare("pb_expert_rows", """
            pointer index begin order;
            int64 count;
            int32 experts reserved;""");

    /** {@code pb_gemm_experts}. */
    public static final NativeStruct GEMM_EXPERTS = NativeStruct.declare("pb_gemm_experts", """
            pointer x weight bias out begin order;
            int64 count inner columns x_stride out_stride weight_step;
            int32 experts share;""");

    /** {@code pb_mix}. */
    public static final NativeStruct MIX = NativeStruct.declare("pb_mix", """
            pointer weights y addend out;
            int64 rows columns weights_stride y_stride addend_stride out_stride;
            int32 parts reserved;""");

    /** {@code pb_cuda_gemm_experts}. */
    public static final NativeStruct CUDA_GEMM_EXPERTS = NativeStruct.declare("pb_cuda_gemm_experts", """
            pointer x weight bias out begin order;
            int64 count inner columns x_stride out_stride weight_stride weight_step;
            int32 experts share transposed reserved;""");

    /** {@code pb_cuda_gemm}. */
    public static final NativeStruct CUDA_GEMM = NativeStruct.declare("pb_cuda_gemm", """
            pointer x weight bias out;
            int64 rows inner columns x_stride out_stride weight_stride inner_begin;
            int32 transposed reserved;""");

    /** {@code pb_cuda_gemm_chosen}. */
    public static final NativeStruct CUDA_GEMM_CHOSEN = NativeStruct.declare("pb_cuda_gemm_chosen", """
            pointer x weight bias out row column;
            int64 count inner x_stride weight_stride;
            int32 transposed reserved;""");

    /** {@code pb_cuda_attention_block}. */
    public static final NativeStruct CUDA_ATTENTION_BLOCK = NativeStruct.declare("pb_cuda_attention_block", """
            int32 row query;""");

    /** {@code pb_cuda_attention_stack}. */
    public static final NativeStruct CUDA_ATTENTION_STACK = NativeStruct.declare("pb_cuda_attention_stack", """
            int32 first_item count;""");

    /** {@code pb_cuda_attention}: what follows its {@code pb_attention}. */
    public static final NativeStruct CUDA_ATTENTION = NativeStruct.extend("pb_cuda_attention", ATTENTION, """
            pointer blocks tiny items stacks status;
            int64 block_count tiny_count stack_count;
            int32 score_capacity span;""");

    /** {@code pb_cuda_convert}. */
    public static final NativeStruct CUDA_CONVERT = NativeStruct.declare("pb_cuda_convert", """
            pointer x out;
            int64 rows columns groups x_stride x_step;
            int32 lead kind;""");

    /** {@code pb_cuda_attention_bf16}. */
    public static final NativeStruct CUDA_ATTENTION_BF16 = NativeStruct.declare("pb_cuda_attention_bf16", """
            pointer q k v base_k base_v z lse rows blocks alibi_slopes sinks top_value top_index entropy;
            int64 block_count q_stride k_stride v_stride base_k_stride base_v_stride z_stride;
            int32 heads kv_heads d_head window;
            float32 scale soft_cap;
            int32 z_type reserved;""");

    /** Those of {@code cuda.h}. */
    static final List<NativeStruct> ALL_OF_CUDA = List.of(
            CUDA_GEMM,
            CUDA_GEMM_CHOSEN,
            CUDA_GEMM_EXPERTS,
            CUDA_ATTENTION_BLOCK,
            CUDA_ATTENTION_STACK,
            CUDA_ATTENTION,
            CUDA_CONVERT,
            CUDA_ATTENTION_BF16);

    /** Those of {@code ops.h}. */
    static final List<NativeStruct> ALL = List.of(
            GEMM,
            PACK,
            GEMM_CHOSEN,
            ROW,
            EDIT_ENTRY,
            EDIT,
            ATTENTION_EDIT,
            ATTENTION_ROW,
            MASS_LABEL,
            ATTENTION,
            NORM,
            ROPE,
            ACTIVATION,
            COMBINE,
            GATHER,
            LOG_SOFTMAX,
            ROUTE,
            EXPERT_ROWS,
            GEMM_EXPERTS,
            MIX);

    private NativeStructs() {}
}
