package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.patchbay.bindings.ForeignAccess;
import dev.patchbay.bindings.cuda.PanamaBlasLibrary.Binding;
import dev.patchbay.device.DeviceUnavailableException;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * One product of the library of products, on operands that lie ready in bfloat16: what the products of the fast profiles,
 * which convert their operands, are measured against. It has a stream of its own. Used by one thread, which closes it.
 */
public final class BlasAlone implements AutoCloseable {
    private static final int DISTINCT = 1 << 16;

    private final CudaDriver driver;
    private final long stream;
    private final Blas blas;
    private final Blas.Shape shape;
    private final long x;
    private final long weight;
    private final long out;

    /**
     * {@code out[rows, columns] = x[rows, inner] · weight[inner, columns]} on the device of a name.
     *
     * @throws DeviceUnavailableException where the device or its library of products is not there
     */
    public BlasAlone(String device, long rows, long inner, long columns) {
        CudaPlatform platform = CudaProvider.platform(device);
        int ordinal = CudaProvider.ordinal(device);
        CudaProperties properties = platform.properties(ordinal);
        Blas.Library library = switch (CudaProvider.blas(platform, properties, device)) {
            case Binding.Failed(var reason) -> throw new DeviceUnavailableException(device, reason);
            case Binding.Bound(var found) -> found;
        };
        driver = platform.open(ordinal, device);
        stream = driver.createStream();
        blas = library.open(driver, properties, device, stream);
        shape = new Blas.Shape(rows, columns, inner, inner, inner, columns, true);
        x = random(Math.multiplyExact(rows, inner));
        weight = random(Math.multiplyExact(inner, columns));
        out = driver.allocate(Math.multiplyExact(Math.multiplyExact(rows, columns), Float.BYTES), stream);
    }

    /** Random numbers, over and over: what is multiplied decides the power that a GPU takes. */
    private long random(long count) {
        long bytes = count * Short.BYTES;
        long target = driver.allocate(bytes, stream);
        long staged = driver.allocatePinned((long) DISTINCT * Short.BYTES);
        MemorySegment memory = ForeignAccess.memory(staged, (long) DISTINCT * Short.BYTES);
        SplittableRandom random = new SplittableRandom(count);
        for (int i = 0; i < DISTINCT; i++) {
            float value = (float) (random.nextDouble() * 2 - 1);
            memory.setAtIndex(JAVA_SHORT, i, (short) (Float.floatToRawIntBits(value) >>> 16));
        }
        for (long done = 0; done < bytes; done += memory.byteSize()) {
            driver.copyToDevice(target + done, staged, Math.min(memory.byteSize(), bytes - done), stream);
        }
        driver.synchronize(stream);
        driver.freePinned(staged);
        return target;
    }

    /** Enqueues the product. */
    public void run() {
        blas.gemm(shape, Blas.Types.BFLOAT16, new Blas.Epilogue.None(), x, weight, out);
    }

    /** Waits for what is enqueued. */
    public void synchronize() {
        driver.synchronize(stream);
    }

    @Override
    public void close() {
        driver.synchronize(stream);
        driver.free(x, stream);
        driver.free(weight, stream);
        driver.free(out, stream);
        blas.close();
        driver.synchronize(stream);
        driver.destroyStream(stream);
        driver.close();
    }
}
