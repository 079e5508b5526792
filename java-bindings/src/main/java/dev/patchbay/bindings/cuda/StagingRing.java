package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.ForeignAccess;
import dev.patchbay.bindings.ops.Region;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies between Java and the device by way of pinned memory. Uploads are enqueued and do not wait for the device, unless
 * the ring is full of uploads that have not been done; downloads wait. The ring is one after another of equal chunks,
 * each with an event that says when the device has done its copies.
 */
final class StagingRing {
    private static final int CHUNKS = 4;
    private static final long CHUNK_BYTES = 4 << 20;
    /** Pieces begin at multiples of it. */
    private static final long ALIGNMENT = 16;

    private final CudaDriver driver;
    private final long stream;
    private final long address;
    private final List<Chunk> chunks = new ArrayList<>();
    private int current;

    /** Where a piece of a download goes from its chunk. */
    private record Landing(MemorySegment from, MemorySegment target, long offset) {
        void land() {
            MemorySegment.copy(from, 0, target, offset, from.byteSize());
        }
    }

    private static final class Chunk {
        private final MemorySegment memory;
        private final long event;
        private final List<Landing> landings = new ArrayList<>();
        private long used;
        private boolean pending;

        Chunk(MemorySegment memory, long event) {
            this.memory = memory;
            this.event = event;
        }
    }

    StagingRing(CudaDriver driver, long stream) {
        this.driver = driver;
        this.stream = stream;
        address = driver.allocatePinned(CHUNKS * CHUNK_BYTES);
        MemorySegment memory = ForeignAccess.memory(address, CHUNKS * CHUNK_BYTES);
        for (int i = 0; i < CHUNKS; i++) {
            chunks.add(new Chunk(memory.asSlice(i * CHUNK_BYTES, CHUNK_BYTES), driver.createEvent()));
        }
    }

    /** Enqueues the copy of dense host pieces to a part of the device memory at {@code target}. */
    void upload(MemorySegment from, long target, Region to) {
        for (long piece = 0; piece < to.count(); piece++) {
            for (long done = 0; done < to.length(); ) {
                MemorySegment place = next(to.length() - done);
                MemorySegment.copy(from, piece * to.length() + done, place, 0, place.byteSize());
                driver.copyToDevice(target + to.begin(piece) + done, place.address(), place.byteSize(), stream);
                done += place.byteSize();
            }
        }
    }

    /** Copies a part of the device memory at {@code source} to dense host pieces, and waits. */
    void download(long source, Region from, MemorySegment to) {
        for (long piece = 0; piece < from.count(); piece++) {
            for (long done = 0; done < from.length(); ) {
                MemorySegment place = next(from.length() - done);
                driver.copyToHost(place.address(), source + from.begin(piece) + done, place.byteSize(), stream);
                chunks.get(current).landings.add(new Landing(place, to, piece * from.length() + done));
                done += place.byteSize();
            }
        }
        seal();
        for (int i = 1; i <= CHUNKS; i++) {
            await(chunks.get((current + i) % CHUNKS));
        }
    }

    /** Up to {@code bytes} bytes of the current chunk, or of the next where it is full. */
    private MemorySegment next(long bytes) {
        Chunk chunk = chunks.get(current);
        if (chunk.used == CHUNK_BYTES || chunk.pending) {
            seal();
            current = (current + 1) % CHUNKS;
            chunk = chunks.get(current);
            await(chunk);
        }
        long size = Math.min(bytes, CHUNK_BYTES - chunk.used);
        MemorySegment place = chunk.memory.asSlice(chunk.used, size);
        chunk.used = Math.min(CHUNK_BYTES, Math.ceilDiv(chunk.used + size, ALIGNMENT) * ALIGNMENT);
        return place;
    }

    /** Says that nothing more is put into the current chunk. */
    private void seal() {
        Chunk chunk = chunks.get(current);
        if (!chunk.pending && chunk.used > 0) {
            driver.record(chunk.event, stream);
            chunk.pending = true;
        }
    }

    /** Waits until a sealed chunk is done, lands what it brought, and empties it. */
    private void await(Chunk chunk) {
        if (!chunk.pending) {
            return;
        }
        try {
            driver.await(chunk.event);
            chunk.landings.forEach(Landing::land);
        } finally {
            chunk.landings.clear();
            chunk.pending = false;
            chunk.used = 0;
        }
    }

    /** Gives everything back; the stream has been waited for. */
    void close() {
        chunks.forEach(chunk -> driver.destroyEvent(chunk.event));
        driver.freePinned(address);
    }
}
