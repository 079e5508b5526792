package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.ForeignAccess;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * cuBLASLt, which is column-major: it is asked for {@code outᵀ = Wᵀ · xᵀ}, so that what is a row here is a column there. The
 * descriptors of a product and the algorithm that the library's search chose for it are kept for each shape, with the rows
 * counted in powers of two; algorithms that split a sum are not allowed. The workspace is allocated once.
 */
final class PanamaBlas implements Blas {
    /** What NVIDIA recommends for Hopper; earlier devices need less (cuBLAS documentation, {@code cublasSetWorkspace}). */
    private static final long HOPPER_WORKSPACE = 32L << 20;

    private static final long WORKSPACE = 4L << 20;
    private static final int FEWEST_ROWS = 16;
    /** {@code CUBLAS_STATUS_NOT_SUPPORTED}. */
    private static final int NOT_SUPPORTED = 15;
    /** {@code cublasLtMatmulHeuristicResult_t}: 64 bytes of algorithm, the size of its workspace, a status. */
    static final long ALGORITHM_BYTES = 64;

    static final long RESULT_BYTES = 96;
    static final long RESULT_STATE = 72;

    private final BlasFunctions functions;
    private final CudaDriver driver;
    private final String device;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment scratch = arena.allocate(2 * Long.BYTES, Long.BYTES);
    private final MemorySegment one = arena.allocateFrom(JAVA_FLOAT, 1);
    private final MemorySegment zero = arena.allocateFrom(JAVA_FLOAT, 0);
    private final long handle;
    private final long stream;
    private final long workspace;
    private final long workspaceBytes;
    private final Map<Key, Product> products = new HashMap<>();
    private boolean closed;

    /** Everything that the search for an algorithm depends on. */
    private record Key(
            Shape bucket, Types types, boolean biased, long xAlignment, long weightAlignment, long outAlignment) {}

    /** Descriptors of a product, and the algorithm for it. */
    private record Product(long description, long weight, long x, long out, MemorySegment algorithm) {}

    /** Starts the library in the current context; work is enqueued to {@code stream}. */
    PanamaBlas(BlasFunctions functions, CudaDriver driver, int major, String device, long stream) {
        this.functions = functions;
        this.driver = driver;
        this.device = device;
        this.stream = stream;
        check(functions.cublasLtCreate(scratch.address()), "cublasLtCreate");
        handle = result();
        workspaceBytes = major >= 9 ? HOPPER_WORKSPACE : WORKSPACE;
        workspace = driver.allocate(workspaceBytes, stream);
    }

    private long result() {
        return scratch.get(JAVA_LONG, 0);
    }

    @Override
    public void gemm(Shape shape, Types types, Epilogue epilogue, long x, long weight, long out) {
        boolean biased = epilogue instanceof Epilogue.Bias;
        Key key = new Key(bucket(shape), types, biased, alignment(x), alignment(weight), alignment(out));
        Product product = products.get(key);
        if (product == null) {
            product = search(key);
            products.put(key, product);
        }
        if (epilogue instanceof Epilogue.Bias(var address)) {
            if (address % BIAS_ALIGNMENT != 0) {
                throw new IllegalArgumentException("a bias that is not aligned to " + BIAS_ALIGNMENT + " bytes");
            }
            describe(product.description, BlasConstant.CUBLASLT_MATMUL_DESC_BIAS_POINTER, address);
        }
        setRows(product.x, shape.rows());
        setRows(product.out, shape.rows());
        int status = functions.cublasLtMatmul(
                handle,
                product.description,
                one.address(),
                weight,
                product.weight,
                x,
                product.x,
                zero.address(),
                out,
                product.out,
                out,
                product.out,
                product.algorithm.address(),
                workspace,
                workspaceBytes,
                stream);
        if (status != 0) {
            throw failure(status, "cublasLtMatmul of " + shape);
        }
    }

    /** The shape with its rows rounded up, for which the search is made. */
    private static Shape bucket(Shape shape) {
        long rows = FEWEST_ROWS;
        while (rows < shape.rows()) {
            rows *= 2;
        }
        return new Shape(
                rows,
                shape.columns(),
                shape.inner(),
                shape.xStride(),
                shape.weightStride(),
                shape.outStride(),
                shape.transposed());
    }

    /** The largest power of two that divides an address, up to the 256 that the library takes for granted. */
    private static long alignment(long address) {
        return Math.min(Long.lowestOneBit(address | 256), 256);
    }

    private Product search(Key key) {
        Shape shape = key.bucket;
        BlasConstant operands = key.types == Types.TF32 ? BlasConstant.CUDA_R_32F : BlasConstant.CUDA_R_16BF;
        BlasConstant compute =
                key.types == Types.TF32 ? BlasConstant.CUBLAS_COMPUTE_32F_FAST_TF32 : BlasConstant.CUBLAS_COMPUTE_32F;
        check(
                functions.cublasLtMatmulDescCreate(scratch.address(), compute.value(), BlasConstant.CUDA_R_32F.value()),
                "cublasLtMatmulDescCreate");
        long description = result();
        BlasConstant way = shape.transposed() ? BlasConstant.CUBLAS_OP_T : BlasConstant.CUBLAS_OP_N;
        describe(description, BlasConstant.CUBLASLT_MATMUL_DESC_TRANSA, way);
        describe(description, BlasConstant.CUBLASLT_MATMUL_DESC_TRANSB, BlasConstant.CUBLAS_OP_N);
        describe(
                description,
                BlasConstant.CUBLASLT_MATMUL_DESC_EPILOGUE,
                key.biased ? BlasConstant.CUBLASLT_EPILOGUE_BIAS : BlasConstant.CUBLASLT_EPILOGUE_DEFAULT);
        if (key.biased) {
            // The search reads of the pointer how biases are aligned, and nothing else.
            describe(description, BlasConstant.CUBLASLT_MATMUL_DESC_BIAS_POINTER, (long) BIAS_ALIGNMENT);
        }
        long weight = shape.transposed()
                ? layout(operands, shape.inner(), shape.columns(), shape.weightStride())
                : layout(operands, shape.columns(), shape.inner(), shape.weightStride());
        long x = layout(operands, shape.inner(), shape.rows(), shape.xStride());
        long out = layout(BlasConstant.CUDA_R_32F, shape.columns(), shape.rows(), shape.outStride());
        return new Product(description, weight, x, out, algorithm(key, description, weight, x, out));
    }

    private MemorySegment algorithm(Key key, long description, long weight, long x, long out) {
        check(functions.cublasLtMatmulPreferenceCreate(scratch.address()), "cublasLtMatmulPreferenceCreate");
        long preference = result();
        try (Arena temporary = Arena.ofConfined()) {
            prefer(preference, BlasConstant.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, workspaceBytes, Long.BYTES);
            prefer(
                    preference,
                    BlasConstant.CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                    BlasConstant.CUBLASLT_REDUCTION_SCHEME_NONE.value(),
                    Integer.BYTES);
            align(preference, BlasConstant.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, key.weightAlignment);
            align(preference, BlasConstant.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, key.xAlignment);
            align(preference, BlasConstant.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, key.outAlignment);
            align(preference, BlasConstant.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, key.outAlignment);
            MemorySegment results = temporary.allocate(RESULT_BYTES, Long.BYTES);
            MemorySegment found = temporary.allocate(JAVA_INT);
            String call = "cublasLtMatmulAlgoGetHeuristic of " + key;
            check(
                    functions.cublasLtMatmulAlgoGetHeuristic(
                            handle,
                            description,
                            weight,
                            x,
                            out,
                            out,
                            preference,
                            1,
                            results.address(),
                            found.address()),
                    call);
            check(found.get(JAVA_INT, 0) < 1 ? NOT_SUPPORTED : results.get(JAVA_INT, RESULT_STATE), call);
            return arena.allocate(ALGORITHM_BYTES, Long.BYTES).copyFrom(results.asSlice(0, ALGORITHM_BYTES));
        } finally {
            check(functions.cublasLtMatmulPreferenceDestroy(preference), "cublasLtMatmulPreferenceDestroy");
        }
    }

    private void align(long preference, BlasConstant attribute, long bytes) {
        prefer(preference, attribute, bytes, Integer.BYTES);
    }

    private void prefer(long preference, BlasConstant attribute, long value, long bytes) {
        check(
                functions.cublasLtMatmulPreferenceSetAttribute(preference, attribute.value(), holding(value), bytes),
                attribute.name());
    }

    private void describe(long description, BlasConstant attribute, BlasConstant value) {
        check(
                functions.cublasLtMatmulDescSetAttribute(
                        description, attribute.value(), holding(value.value()), Integer.BYTES),
                attribute.name());
    }

    private void describe(long description, BlasConstant attribute, long value) {
        check(
                functions.cublasLtMatmulDescSetAttribute(description, attribute.value(), holding(value), Long.BYTES),
                attribute.name());
    }

    private long layout(BlasConstant type, long rows, long columns, long stride) {
        check(
                functions.cublasLtMatrixLayoutCreate(scratch.address(), type.value(), rows, columns, stride),
                "cublasLtMatrixLayoutCreate");
        return result();
    }

    /** A row of ours is a column of theirs. */
    private void setRows(long layout, long rows) {
        BlasConstant attribute = BlasConstant.CUBLASLT_MATRIX_LAYOUT_COLS;
        check(
                functions.cublasLtMatrixLayoutSetAttribute(layout, attribute.value(), holding(rows), Long.BYTES),
                attribute.name());
    }

    /** The address of memory that holds a value, in as many of its first bytes as it has. */
    private long holding(long value) {
        scratch.set(JAVA_LONG, 0, value);
        return scratch.address();
    }

    private void check(int status, String call) {
        if (status != 0) {
            throw failure(status, call);
        }
    }

    private CudaException failure(int status, String call) {
        return new CudaException(
                status,
                text(functions.cublasLtGetStatusName(status)),
                text(functions.cublasLtGetStatusString(status)),
                call,
                device);
    }

    private static String text(long address) {
        return address == 0 ? "unknown" : ForeignAccess.memory(address, 4096).getString(0);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (Product product : products.values()) {
            // Nothing is left to tell: the device is being given back.
            int _ = functions.cublasLtMatmulDescDestroy(product.description);
            int _ = functions.cublasLtMatrixLayoutDestroy(product.weight);
            int _ = functions.cublasLtMatrixLayoutDestroy(product.x);
            int _ = functions.cublasLtMatrixLayoutDestroy(product.out);
        }
        int _ = functions.cublasLtDestroy(handle);
        driver.free(workspace, stream);
        arena.close();
    }
}
