package dev.patchbay.bindings;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;

/**
 * The functions of {@code patchbay/cpu.h}: one method of the C name each. Pointers are plain {@code long}s (no acquire
 * per call, and a device address never poses as host memory). Nothing is checked here; statuses are the caller's.
 * {@link CpuLoader#absence} must have been asked before this class is touched.
 */
public final class CpuLibrary {
    private static final MemoryLayout INT = JAVA_INT;
    private static final MemoryLayout LONG = JAVA_LONG;

    private static final MethodHandle SUPPORTED_ISA = link("pb_cpu_supported_isa", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle STRUCT_SIZE = link("pb_cpu_struct_size", FunctionDescriptor.of(LONG, LONG));
    private static final MethodHandle FIELD_OFFSET =
            link("pb_cpu_field_offset", FunctionDescriptor.of(LONG, LONG, LONG));
    private static final MethodHandle CREATE = link("pb_cpu_create", FunctionDescriptor.of(INT, INT, INT, LONG));
    private static final MethodHandle DESTROY = link("pb_cpu_destroy", FunctionDescriptor.ofVoid(LONG));
    private static final MethodHandle THREADS = link("pb_cpu_threads", FunctionDescriptor.of(INT, LONG));
    private static final MethodHandle ISA = link("pb_cpu_isa", FunctionDescriptor.of(INT, LONG));
    private static final MethodHandle ALLOCATE = link("pb_cpu_allocate", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle FREE = link("pb_cpu_free", FunctionDescriptor.ofVoid(LONG));
    private static final MethodHandle PACKED_SIZE = link("pb_cpu_packed_size", FunctionDescriptor.of(LONG, LONG, LONG));
    private static final MethodHandle PACK_WEIGHT = link("pb_cpu_pack_weight", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle GEMM = link("pb_cpu_gemm", FunctionDescriptor.of(INT, LONG, LONG, LONG));
    private static final MethodHandle GEMM_CHOSEN = link("pb_cpu_gemm_chosen", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle ATTENTION = link("pb_cpu_attention", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle NORM = link("pb_cpu_norm", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle ROPE = link("pb_cpu_rope", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle ACTIVATION = link("pb_cpu_activation", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle COMBINE = link("pb_cpu_combine", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle GATHER = link("pb_cpu_gather", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle EDIT = link("pb_cpu_edit", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle LOG_SOFTMAX = link("pb_cpu_log_softmax", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle ROUTE = link("pb_cpu_route", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle EXPERT_ROWS = link("pb_cpu_expert_rows", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle GEMM_EXPERTS =
            link("pb_cpu_gemm_experts", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle MIX = link("pb_cpu_mix", FunctionDescriptor.of(INT, LONG, LONG));

    private CpuLibrary() {}

    private static MethodHandle link(String name, FunctionDescriptor descriptor) {
        return ForeignAccess.function(CpuLoader.symbols(), name, descriptor);
    }

    public static int pb_cpu_supported_isa(int isa) {
        try {
            return (int) SUPPORTED_ISA.invokeExact(isa);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static long pb_cpu_struct_size(long name) {
        try {
            return (long) STRUCT_SIZE.invokeExact(name);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static long pb_cpu_field_offset(long structName, long fieldName) {
        try {
            return (long) FIELD_OFFSET.invokeExact(structName, fieldName);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_create(int threads, int isa, long out) {
        try {
            return (int) CREATE.invokeExact(threads, isa, out);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static void pb_cpu_destroy(long device) {
        try {
            DESTROY.invokeExact(device);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_threads(long device) {
        try {
            return (int) THREADS.invokeExact(device);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_isa(long device) {
        try {
            return (int) ISA.invokeExact(device);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_allocate(long bytes, long out) {
        try {
            return (int) ALLOCATE.invokeExact(bytes, out);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static void pb_cpu_free(long memory) {
        try {
            FREE.invokeExact(memory);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static long pb_cpu_packed_size(long inner, long columns) {
        try {
            return (long) PACKED_SIZE.invokeExact(inner, columns);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_pack_weight(long device, long parameters) {
        try {
            return (int) PACK_WEIGHT.invokeExact(device, parameters);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_gemm(long device, long parameters, long count) {
        try {
            return (int) GEMM.invokeExact(device, parameters, count);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_gemm_chosen(long device, long parameters) {
        try {
            return (int) GEMM_CHOSEN.invokeExact(device, parameters);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_attention(long device, long parameters) {
        try {
            return (int) ATTENTION.invokeExact(device, parameters);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_norm(long device, long parameters) {
        try {
            return (int) NORM.invokeExact(device, parameters);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_rope(long device, long parameters) {
        try {
            return (int) ROPE.invokeExact(device, parameters);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_activation(long device, long parameters) {
        try {
            return (int) ACTIVATION.invokeExact(device, parameters);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_combine(long device, long parameters) {
        try {
            return (int) COMBINE.invokeExact(device, parameters);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_gather(long device, long parameters) {
        try {
            return (int) GATHER.invokeExact(device, parameters);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_edit(long device, long parameters) {
        try {
            return (int) EDIT.invokeExact(device, parameters);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_log_softmax(long device, long parameters) {
        try {
            return (int) LOG_SOFTMAX.invokeExact(device, parameters);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_route(long device, long parameters) {
        try {
            return (int) ROUTE.invokeExact(device, parameters);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_expert_rows(long device, long parameters) {
        try {
            return (int) EXPERT_ROWS.invokeExact(device, parameters);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_gemm_experts(long device, long parameters) {
        try {
            return (int) GEMM_EXPERTS.invokeExact(device, parameters);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    public static int pb_cpu_mix(long device, long parameters) {
        try {
            return (int) MIX.invokeExact(device, parameters);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }
}
