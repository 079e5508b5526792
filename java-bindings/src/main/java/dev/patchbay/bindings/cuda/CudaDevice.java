package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.ops.AttentionForm;
import dev.patchbay.bindings.ops.NativeBuffer;
import dev.patchbay.bindings.ops.NativeDevice;
import dev.patchbay.bindings.ops.NativeStatus;
import dev.patchbay.bindings.ops.Region;
import dev.patchbay.bindings.ops.WeightForm;
import dev.patchbay.device.DeviceLostException;
import dev.patchbay.device.Numerics;
import dev.patchbay.device.OutOfDeviceMemoryException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A CUDA device: one stream of one device's primary context, which is made current on whatever thread uses the device.
 * Operations are enqueued; failures inside them come to light when the device is next waited for.
 */
final class CudaDevice extends NativeDevice {
    private static final System.Logger LOGGER = System.getLogger(CudaDevice.class.getName());

    /** Labels lie at the start of the device's own memory, the word for failures behind them. */
    private static final long STATUS_OFFSET = 1024;

    private static final long OWN_BYTES = STATUS_OFFSET + Integer.BYTES;

    private final CudaDriver driver;
    private final String description;
    private final long stream;
    private final StagingRing transfers;
    private final CudaKernels kernels;
    private final BlockedAttention blockedAttention;
    private final Optional<FastProfile> fast;
    private final Products products;
    private final long own;
    private final MemorySegment status = MemorySegment.ofArray(new int[1]);
    private boolean mayHaveFailed;

    private CudaDevice(String name, String description, Setup setup, CudaDriver driver, CudaProperties properties) {
        super(name, setup.numerics);
        int sharedMemory = properties.sharedMemory();
        this.driver = driver;
        this.description = description;
        stream = driver.createStream();
        kernels = new CudaKernels(driver, stream, setup.image, sharedMemory);
        transfers = new StagingRing(driver, stream);
        own = driver.allocate(OWN_BYTES, stream);
        driver.clear(statusAddress(), 1, stream);
        blockedAttention = new BlockedAttention(this, sharedMemory);
        fast = setup.blas.map(library -> new FastProfile(
                setup.numerics,
                library.open(driver, properties, name, stream),
                kernels,
                slab(),
                this::scratch,
                blockedAttention,
                sharedMemory));
        products = fast.map(FastProfile::products).orElseGet(() -> new Products.Exact(kernels));
    }

    private Scratch scratch(String label) {
        return new Scratch(bytes -> memory(bytes, label), this::free);
    }

    /**
     * What a device computes with.
     *
     * @param image its kernels
     * @param blas products of the profile, empty in {@code exact}
     */
    record Setup(Numerics numerics, byte[] image, Optional<Blas.Library> blas) {
        /** A fast profile needs a library, {@code exact} none. */
        Setup {
            if (blas.isPresent() == (numerics == Numerics.EXACT)) {
                throw new IllegalArgumentException("numerics " + numerics.label() + " and a library of products");
            }
        }
    }

    /** Opens device {@code ordinal} of a platform under a name. */
    static CudaDevice open(CudaPlatform platform, int ordinal, String name, String description, Setup setup) {
        CudaDriver driver = platform.open(ordinal, name);
        try {
            return new CudaDevice(name, description, setup, driver, platform.properties(ordinal));
        } catch (RuntimeException | Error failure) {
            driver.close();
            throw failure;
        }
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    protected NativeBuffer newBuffer(long bytes, String label) {
        return newBuffer(bytes, label, null);
    }

    @Override
    protected NativeBuffer newIndexBuffer(long bytes, String label) {
        return newBuffer(bytes, label, MemorySegment.ofArray(new int[Math.toIntExact(bytes / Integer.BYTES)]));
    }

    private NativeBuffer newBuffer(long bytes, String label, @Nullable MemorySegment known) {
        return new CudaBuffer(this, memory(bytes, label), bytes, label, known);
    }

    /** Buffers are freed in the order of the stream: what it has not reached yet is waited for before memory is short. */
    private long memory(long bytes, String label) {
        try {
            return driver.allocate(bytes, stream);
        } catch (CudaException failure) {
            requireOutOfMemory(failure);
        }
        driver.synchronize(stream);
        try {
            return driver.allocate(bytes, stream);
        } catch (CudaException failure) {
            requireOutOfMemory(failure);
            throw new OutOfDeviceMemoryException(bytes, driver.freeBytes(), label);
        }
    }

    private static void requireOutOfMemory(CudaException failure) {
        if (failure.status() != CudaResult.OUT_OF_MEMORY.code()) {
            throw failure;
        }
    }

    @Override
    protected void free(long address) {
        giveBack(() -> driver.free(address, stream));
    }

    /** A lost device takes nothing back; whoever uses it next is told. */
    private void giveBack(Runnable call) {
        if (driver.isLost()) {
            return;
        }
        try {
            call.run();
        } catch (DeviceLostException loss) {
            LOGGER.log(System.Logger.Level.WARNING, loss.getMessage());
        }
    }

    @Override
    public long freeBytes() {
        return inside(() -> {
            driver.synchronize(stream);
            return driver.freeBytes();
        });
    }

    /** By events in the stream: what the host takes to enqueue counts only where the device waits for it. */
    @Override
    public double seconds(Runnable work) {
        long[] events = new long[2];
        inside(() -> {
            events[0] = driver.createTimedEvent();
            events[1] = driver.createTimedEvent();
            driver.record(events[0], stream);
            return 0;
        });
        try {
            work.run();
            inside(() -> {
                driver.record(events[1], stream);
                return 0;
            });
            synchronize();
            return driver.milliseconds(events[0], events[1]) / 1e3;
        } finally {
            inside(() -> {
                driver.destroyEvent(events[0]);
                driver.destroyEvent(events[1]);
                return 0;
            });
        }
    }

    @Override
    protected void enter() {
        driver.makeCurrent();
    }

    @Override
    protected void enterToFree() {
        giveBack(driver::makeCurrent);
    }

    @Override
    protected void await() {
        driver.synchronize(stream);
        checkStatus();
    }

    @Override
    protected void shutDown() {
        giveBack(() -> {
            driver.synchronize(stream);
            fast.ifPresent(FastProfile::close);
            driver.free(own, stream);
            driver.synchronize(stream);
            transfers.close();
            kernels.close();
            driver.destroyStream(stream);
        });
        driver.close();
    }

    @Override
    protected WeightForm weightForm() {
        return products.form();
    }

    @Override
    protected AttentionForm attentionForm() {
        return fast.flatMap(FastProfile::attention)
                .map(AttentionForm.class::cast)
                .orElse(blockedAttention);
    }

    @Override
    @Nullable
    protected MemorySegment hostView(NativeBuffer buffer) {
        return ((CudaBuffer) buffer).known();
    }

    @Override
    protected void run(Operation operation, long parameters, long count) {
        MemorySegment structs = slab().asSlice(parameters - slab().address());
        switch (operation) {
            case GEMM -> products.run(structs, count);
            case ATTENTION -> attention(structs);
            default -> kernels.run(operation, structs);
        }
    }

    private void attention(MemorySegment pass) {
        if (fast.flatMap(FastProfile::attention)
                .filter(attention -> attention.run(pass))
                .isEmpty()) {
            mayHaveFailed = true;
            kernels.run(Operation.ATTENTION, pass);
        }
    }

    /** The way in and out. */
    StagingRing transfers() {
        return transfers;
    }

    /** Copies labels of the slab to the device, in order with the passes that read them; returns where they are. */
    long uploadLabels(long address, int count) {
        long bytes = count * NativeStructs.MASS_LABEL.size();
        MemorySegment labels = slab().asSlice(address - slab().address(), bytes);
        transfers.upload(labels, own, Region.whole(0, bytes));
        return own;
    }

    /** Where kernels say that they failed. */
    long statusAddress() {
        return own + STATUS_OFFSET;
    }

    /** Throws where a kernel since the last check has said that it failed. */
    void checkStatus() {
        if (!mayHaveFailed) {
            return;
        }
        mayHaveFailed = false;
        transfers.download(statusAddress(), Region.whole(0, Integer.BYTES), status);
        int code = status.get(JAVA_INT, 0);
        if (code != 0) {
            driver.clear(statusAddress(), 1, stream);
            throw NativeStatus.failure(code, "attention");
        }
    }
}
