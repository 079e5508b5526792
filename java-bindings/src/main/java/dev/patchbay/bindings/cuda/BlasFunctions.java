package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.ForeignAccess;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of {@code cublasLt.h} in one loaded library, as {@link CudaFunctions} are those of the driver: one method of
 * the symbol's name each, pointers and handles plain {@code long}s, results {@code cublasStatus_t}, nothing checked here.
 */
final class BlasFunctions {
    private static final MemoryLayout I = JAVA_INT;
    private static final MemoryLayout L = JAVA_LONG;
    private static final MethodHandle VERSION = ForeignAccess.functions(FunctionDescriptor.of(L));
    private static final MethodHandle TEXT = ForeignAccess.functions(FunctionDescriptor.of(L, I));
    private static final MethodHandle HANDLE = shape(L);
    private static final MethodHandle DESCRIPTION = shape(L, I, I);
    private static final MethodHandle ATTRIBUTE = shape(L, I, L, L);
    private static final MethodHandle LAYOUT = shape(L, I, L, L, L);
    private static final MethodHandle HEURISTIC = shape(L, L, L, L, L, L, L, I, L, L);
    private static final MethodHandle MATMUL = shape(L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L);

    private final MemorySegment cublasLtGetVersion;
    private final MemorySegment cublasLtGetStatusName;
    private final MemorySegment cublasLtGetStatusString;
    private final MemorySegment cublasLtCreate;
    private final MemorySegment cublasLtDestroy;
    private final MemorySegment cublasLtMatmulDescCreate;
    private final MemorySegment cublasLtMatmulDescDestroy;
    private final MemorySegment cublasLtMatmulDescSetAttribute;
    private final MemorySegment cublasLtMatrixLayoutCreate;
    private final MemorySegment cublasLtMatrixLayoutDestroy;
    private final MemorySegment cublasLtMatrixLayoutSetAttribute;
    private final MemorySegment cublasLtMatmulPreferenceCreate;
    private final MemorySegment cublasLtMatmulPreferenceDestroy;
    private final MemorySegment cublasLtMatmulPreferenceSetAttribute;
    private final MemorySegment cublasLtMatmulAlgoGetHeuristic;
    private final MemorySegment cublasLtMatmul;

    /**
     * Looks every function up.
     *
     * @throws UnsatisfiedLinkError naming the first that is missing
     */
    BlasFunctions(SymbolLookup library) {
        cublasLtGetVersion = CudaFunctions.find(library, "cublasLtGetVersion");
        cublasLtGetStatusName = CudaFunctions.find(library, "cublasLtGetStatusName");
        cublasLtGetStatusString = CudaFunctions.find(library, "cublasLtGetStatusString");
        cublasLtCreate = CudaFunctions.find(library, "cublasLtCreate");
        cublasLtDestroy = CudaFunctions.find(library, "cublasLtDestroy");
        cublasLtMatmulDescCreate = CudaFunctions.find(library, "cublasLtMatmulDescCreate");
        cublasLtMatmulDescDestroy = CudaFunctions.find(library, "cublasLtMatmulDescDestroy");
        cublasLtMatmulDescSetAttribute = CudaFunctions.find(library, "cublasLtMatmulDescSetAttribute");
        cublasLtMatrixLayoutCreate = CudaFunctions.find(library, "cublasLtMatrixLayoutCreate");
        cublasLtMatrixLayoutDestroy = CudaFunctions.find(library, "cublasLtMatrixLayoutDestroy");
        cublasLtMatrixLayoutSetAttribute = CudaFunctions.find(library, "cublasLtMatrixLayoutSetAttribute");
        cublasLtMatmulPreferenceCreate = CudaFunctions.find(library, "cublasLtMatmulPreferenceCreate");
        cublasLtMatmulPreferenceDestroy = CudaFunctions.find(library, "cublasLtMatmulPreferenceDestroy");
        cublasLtMatmulPreferenceSetAttribute = CudaFunctions.find(library, "cublasLtMatmulPreferenceSetAttribute");
        cublasLtMatmulAlgoGetHeuristic = CudaFunctions.find(library, "cublasLtMatmulAlgoGetHeuristic");
        cublasLtMatmul = CudaFunctions.find(library, "cublasLtMatmul");
    }

    private static MethodHandle shape(MemoryLayout... parameters) {
        return ForeignAccess.functions(FunctionDescriptor.of(I, parameters));
    }

    /** Major · 10000 + minor · 100 + patch. */
    long cublasLtGetVersion() {
        try {
            return (long) VERSION.invokeExact(cublasLtGetVersion);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    /** Address of a status's name. */
    long cublasLtGetStatusName(int status) {
        return text(cublasLtGetStatusName, status);
    }

    /** Address of its description. */
    long cublasLtGetStatusString(int status) {
        return text(cublasLtGetStatusString, status);
    }

    private static long text(MemorySegment function, int status) {
        try {
            return (long) TEXT.invokeExact(function, status);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    int cublasLtCreate(long out) {
        return handle(cublasLtCreate, out);
    }

    int cublasLtDestroy(long handle) {
        return handle(cublasLtDestroy, handle);
    }

    int cublasLtMatmulDescDestroy(long description) {
        return handle(cublasLtMatmulDescDestroy, description);
    }

    int cublasLtMatrixLayoutDestroy(long layout) {
        return handle(cublasLtMatrixLayoutDestroy, layout);
    }

    int cublasLtMatmulPreferenceCreate(long out) {
        return handle(cublasLtMatmulPreferenceCreate, out);
    }

    int cublasLtMatmulPreferenceDestroy(long preference) {
        return handle(cublasLtMatmulPreferenceDestroy, preference);
    }

    private static int handle(MemorySegment function, long argument) {
        try {
            return (int) HANDLE.invokeExact(function, argument);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    int cublasLtMatmulDescCreate(long out, int compute, int scale) {
        try {
            return (int) DESCRIPTION.invokeExact(cublasLtMatmulDescCreate, out, compute, scale);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    int cublasLtMatmulDescSetAttribute(long description, int attribute, long value, long bytes) {
        return attribute(cublasLtMatmulDescSetAttribute, description, attribute, value, bytes);
    }

    int cublasLtMatrixLayoutSetAttribute(long layout, int attribute, long value, long bytes) {
        return attribute(cublasLtMatrixLayoutSetAttribute, layout, attribute, value, bytes);
    }

    int cublasLtMatmulPreferenceSetAttribute(long preference, int attribute, long value, long bytes) {
        return attribute(cublasLtMatmulPreferenceSetAttribute, preference, attribute, value, bytes);
    }

    private static int attribute(MemorySegment function, long owner, int attribute, long value, long bytes) {
        try {
            return (int) ATTRIBUTE.invokeExact(function, owner, attribute, value, bytes);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    int cublasLtMatrixLayoutCreate(long out, int type, long rows, long columns, long stride) {
        try {
            return (int) LAYOUT.invokeExact(cublasLtMatrixLayoutCreate, out, type, rows, columns, stride);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    int cublasLtMatmulAlgoGetHeuristic(
            long handle,
            long description,
            long a,
            long b,
            long c,
            long d,
            long preference,
            int wanted,
            long results,
            long found) {
        try {
            return (int) HEURISTIC.invokeExact(
                    cublasLtMatmulAlgoGetHeuristic,
                    handle,
                    description,
                    a,
                    b,
                    c,
                    d,
                    preference,
                    wanted,
                    results,
                    found);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    int cublasLtMatmul(
            long handle,
            long description,
            long alpha,
            long a,
            long aLayout,
            long b,
            long bLayout,
            long beta,
            long c,
            long cLayout,
            long d,
            long dLayout,
            long algorithm,
            long workspace,
            long workspaceBytes,
            long stream) {
        try {
            return (int) MATMUL.invokeExact(
                    cublasLtMatmul,
                    handle,
                    description,
                    alpha,
                    a,
                    aLayout,
                    b,
                    bLayout,
                    beta,
                    c,
                    cLayout,
                    d,
                    dLayout,
                    algorithm,
                    workspace,
                    workspaceBytes,
                    stream);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }
}
