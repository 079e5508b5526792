package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.patchbay.bindings.ForeignAccess;
import dev.patchbay.bindings.cuda.JCudaPointers.DevicePointer;
import dev.patchbay.bindings.cuda.JCudaPointers.HostPointer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * {@code cublasGemmEx} through JCublas, column-major as cuBLASLt: asked for {@code outᵀ = Wᵀ · xᵀ}. It adds no biases: they
 * are written to the result first, as the product of the bias and a row of ones, and the product is added to that. Whether
 * a sum is split is the library's choice; the workspace is ours, so that equal calls give equal bits.
 */
final class JCublas implements Blas {
    private static final long WORKSPACE = 32L << 20;
    private static final long FEWEST_ONES = 4096;

    private final JCudaDeviceDriver driver;
    private final String device;
    private final long stream;
    private final cublasHandle handle = new cublasHandle();
    private final Arena arena = Arena.ofShared();
    private final Pointer one = constant(1);
    private final Pointer zero = constant(0);
    private final long workspace;
    private long ones;
    private long onesCount;
    private boolean closed;

    /** Starts the library in the current context; work is enqueued to {@code stream}. */
    JCublas(JCudaDeviceDriver driver, String device, long stream) {
        this.driver = driver;
        this.device = device;
        this.stream = stream;
        check(JCublas2.cublasCreate(handle), "cublasCreate");
        // In this order: cublasSetStream goes back to a workspace of the library's own.
        check(JCublas2.cublasSetStream(handle, new cudaStream_t(driver.stream(stream))), "cublasSetStream");
        workspace = driver.allocate(WORKSPACE, stream);
        check(JCublas2.cublasSetWorkspace(handle, new DevicePointer(workspace), WORKSPACE), "cublasSetWorkspace");
    }

    private Pointer constant(float value) {
        return new HostPointer(arena.allocateFrom(JAVA_FLOAT, value).address());
    }

    @Override
    public void gemm(Shape shape, Types types, Epilogue epilogue, long x, long weight, long out) {
        Pointer kept = zero;
        if (epilogue instanceof Epilogue.Bias(var address)) {
            Shape rows = new Shape(shape.rows(), shape.columns(), 1, 1, shape.columns(), shape.outStride(), false);
            multiply(
                    rows,
                    BlasConstant.CUDA_R_32F.value(),
                    BlasConstant.CUBLAS_COMPUTE_32F.value(),
                    address,
                    ones(shape.rows()),
                    zero,
                    out);
            kept = one;
        }
        boolean tf32 = types == Types.TF32;
        multiply(
                shape,
                tf32 ? BlasConstant.CUDA_R_32F.value() : BlasConstant.CUDA_R_16BF.value(),
                tf32 ? BlasConstant.CUBLAS_COMPUTE_32F_FAST_TF32.value() : BlasConstant.CUBLAS_COMPUTE_32F.value(),
                weight,
                x,
                kept,
                out);
    }

    private void multiply(Shape shape, int type, int compute, long weight, long x, Pointer kept, long out) {
        int status = JCublas2.cublasGemmEx_new(
                handle,
                shape.transposed() ? BlasConstant.CUBLAS_OP_T.value() : BlasConstant.CUBLAS_OP_N.value(),
                BlasConstant.CUBLAS_OP_N.value(),
                Math.toIntExact(shape.columns()),
                Math.toIntExact(shape.rows()),
                Math.toIntExact(shape.inner()),
                one,
                new DevicePointer(weight),
                type,
                Math.toIntExact(shape.weightStride()),
                new DevicePointer(x),
                type,
                Math.toIntExact(shape.xStride()),
                kept,
                new DevicePointer(out),
                BlasConstant.CUDA_R_32F.value(),
                Math.toIntExact(shape.outStride()),
                compute,
                cublasGemmAlgo.CUBLAS_GEMM_DEFAULT);
        if (status != 0) {
            throw failure(status, "cublasGemmEx of " + shape);
        }
    }

    /** The address of at least {@code count} ones. */
    private long ones(long count) {
        if (count > onesCount) {
            if (ones != 0) {
                driver.free(ones, stream);
            }
            onesCount = Math.max(FEWEST_ONES, Long.highestOneBit(count) * 2);
            long bytes = onesCount * Float.BYTES;
            ones = driver.allocate(bytes, stream);
            long staged = driver.allocatePinned(bytes);
            MemorySegment memory = ForeignAccess.memory(staged, bytes);
            for (long i = 0; i < onesCount; i++) {
                memory.setAtIndex(JAVA_FLOAT, i, 1);
            }
            driver.copyToDevice(ones, staged, bytes, stream);
            driver.synchronize(stream);
            driver.freePinned(staged);
        }
        return ones;
    }

    private void check(int status, String call) {
        if (status != 0) {
            throw failure(status, call);
        }
    }

    private CudaException failure(int status, String call) {
        return new CudaException(status, cublasStatus.stringFor(status), "cuBLAS refused", call, device);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            // Nothing is left to tell: the device is being given back.
            int _ = JCublas2.cublasDestroy(handle);
            driver.free(workspace, stream);
            if (ones != 0) {
                driver.free(ones, stream);
            }
            arena.close();
        }
    }
}
