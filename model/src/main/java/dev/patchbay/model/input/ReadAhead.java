package dev.patchbay.model.input;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/** Reads the next piece of a file while the last one is used: two buffers, and a thread that fills them. */
final class ReadAhead {
    private static final int BUFFERS = 2;

    private final int capacity;
    private final long length;
    private final Filler filler;
    private final Semaphore free = new Semaphore(BUFFERS);
    private final Semaphore filled = new Semaphore(0);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean stopped;

    /** Fills a buffer. */
    interface Filler {
        /** Fills the remaining bytes of {@code chunk} from {@code at} on. */
        void fill(ByteBuffer chunk, long at) throws IOException;
    }

    ReadAhead(int capacity, long length, Filler filler) {
        this.capacity = capacity;
        this.length = length;
        this.filler = filler;
    }

    /** Hands every piece to {@code chunks} on the calling thread, in order; what reading throws is thrown here. */
    void run(StableFile.Chunks chunks) throws IOException {
        try (var arena = Arena.ofShared()) {
            var buffers = new ByteBuffer[BUFFERS];
            for (int index = 0; index < BUFFERS; index++) {
                buffers[index] = arena.allocate(capacity, 64).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            }
            var reader =
                    Thread.ofPlatform().daemon().name("patchbay-read-ahead").start(() -> read(buffers));
            try {
                use(buffers, chunks);
            } finally {
                stopped = true;
                free.release(BUFFERS);
                join(reader);
            }
        }
    }

    private void use(ByteBuffer[] buffers, StableFile.Chunks chunks) throws IOException {
        int index = 0;
        for (long at = 0; at < length; at += capacity) {
            filled.acquireUninterruptibly();
            var failed = failure.get();
            switch (failed) {
                case null -> chunks.accept(buffers[index], at);
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(failed);
            }
            index = (index + 1) % BUFFERS;
            free.release();
        }
    }

    private void read(ByteBuffer[] buffers) {
        int index = 0;
        try {
            for (long at = 0; at < length; at += capacity) {
                free.acquireUninterruptibly();
                if (stopped) {
                    return;
                }
                var chunk = buffers[index];
                chunk.clear().limit((int) Math.min(capacity, length - at));
                filler.fill(chunk, at);
                chunk.flip();
                filled.release();
                index = (index + 1) % BUFFERS;
            }
        } catch (Throwable fault) {
            failure.set(fault);
            filled.release();
        }
    }

    private static void join(Thread reader) {
        boolean interrupted = false;
        while (true) {
            try {
                reader.join();
                break;
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
