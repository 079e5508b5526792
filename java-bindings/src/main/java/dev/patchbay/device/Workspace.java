package dev.patchbay.device;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The memory of a run, planned before it: named matrices, each alive from a first to a last step, in one allocation.
 * Matrices that are never alive together share memory, so operations need not allocate and a run's need is known before
 * it starts. The workspace owns its buffer; the tensors it hands out are views. One thread at a time, as the device.
 *
 * <p>With poison on (the system property {@value #POISON}), memory is NaN when it is new and again when {@link #stepDone}
 * or {@link #release} ends a slot: reading what nobody wrote, or what is no longer there, shows in the results.
 */
public final class Workspace implements AutoCloseable {
    /** System property that turns poison on, {@code true}. */
    public static final String POISON = "patchbay.workspace.poison";

    /** Slots begin at multiples of it. */
    public static final long ALIGNMENT = 64;

    private static final byte ALL_ONES = (byte) 0xFF;
    private static final int POISON_BYTES = 1 << 16;

    private final DeviceBuffer buffer;
    private final Map<String, Placement> placements;
    private final boolean poison;

    private Workspace(DeviceBuffer buffer, Map<String, Placement> placements, boolean poison) {
        this.buffer = buffer;
        this.placements = placements;
        this.poison = poison;
        if (poison) {
            fill(0, buffer.bytes());
        }
    }

    /**
     * A matrix to plan for.
     *
     * @param firstStep the first step that touches it
     * @param lastStep the last step that does
     */
    public record Slot(String name, DType type, long rows, long columns, int firstStep, int lastStep) {
        /** Checks the shape and the interval. */
        public Slot {
            if (rows < 0 || columns < 0 || firstStep > lastStep) {
                throw new IllegalArgumentException(
                        "slot " + name + ": " + rows + " x " + columns + ", steps " + firstStep + " to " + lastStep);
            }
        }

        /** Bytes it takes, a multiple of {@link #ALIGNMENT}. */
        public long bytes() {
            long bytes = Math.multiplyExact(Math.multiplyExact(rows, columns), type.bytes());
            return Math.multiplyExact(Math.ceilDiv(bytes, ALIGNMENT), ALIGNMENT);
        }

        boolean meets(Slot other) {
            return firstStep <= other.lastStep && other.firstStep <= lastStep;
        }
    }

    /** A slot and its first byte in the workspace. */
    public record Placement(Slot slot, long offset) {
        long end() {
            return Math.addExact(offset, slot.bytes());
        }
    }

    /** Starts a plan. */
    public static Plan plan() {
        return new Plan();
    }

    /** Slots in the making. */
    public static final class Plan {
        private final Map<String, Slot> slots = new LinkedHashMap<>();

        private Plan() {}

        /** Adds a matrix {@code [rows, columns]} that is alive in steps {@code firstStep} to {@code lastStep}. */
        public Plan slot(String name, DType type, long rows, long columns, int firstStep, int lastStep) {
            if (slots.putIfAbsent(name, new Slot(name, type, rows, columns, firstStep, lastStep)) != null) {
                throw new IllegalArgumentException("slot " + name + " is there already");
            }
            return this;
        }

        /**
         * Where each slot goes: the largest first, each at the lowest place that is free for as long as it lives. The
         * same slots always get the same places.
         */
        public List<Placement> place() {
            List<Slot> largestFirst = new ArrayList<>(slots.values());
            largestFirst.sort(Comparator.comparingLong(Slot::bytes).reversed());
            List<Placement> placed = new ArrayList<>();
            for (Slot slot : largestFirst) {
                placed.add(new Placement(slot, lowestFree(slot, placed)));
            }
            return placed;
        }

        /** Bytes the workspace will take. */
        public long bytes() {
            return place().stream().mapToLong(Placement::end).max().orElse(0);
        }

        /**
         * Allocates it.
         *
         * @throws OutOfDeviceMemoryException with the bytes needed and free
         */
        public Workspace allocate(Device device, String label) {
            return allocate(device, label, Boolean.getBoolean(POISON));
        }

        /** As {@link #allocate(Device, String)}, with poison on or off. */
        public Workspace allocate(Device device, String label, boolean poison) {
            List<Placement> placed = place();
            long bytes = placed.stream().mapToLong(Placement::end).max().orElse(0);
            Map<String, Placement> byName = placed.stream()
                    .collect(Collectors.toMap(placement -> placement.slot().name(), Function.identity()));
            return new Workspace(device.allocate(Math.max(bytes, ALIGNMENT), label), byName, poison);
        }

        private static long lowestFree(Slot slot, List<Placement> placed) {
            List<Placement> neighbours = placed.stream()
                    .filter(placement -> placement.slot().meets(slot))
                    .sorted(Comparator.comparingLong(Placement::offset))
                    .toList();
            long offset = 0;
            for (Placement neighbour : neighbours) {
                if (neighbour.offset() - offset >= slot.bytes()) {
                    break;
                }
                offset = Math.max(offset, neighbour.end());
            }
            return offset;
        }
    }

    /** Bytes it takes on the device. */
    public long bytes() {
        return buffer.bytes();
    }

    /** The matrix of a name; meaningful from its first to its last step. */
    public Tensor tensor(String name) {
        Placement placement = placement(name);
        Slot slot = placement.slot();
        long offset = placement.offset() / slot.type().bytes();
        return new Tensor(buffer, slot.type(), offset, slot.rows(), slot.columns(), slot.columns());
    }

    /** Says that a slot is no longer needed in this run; poisons it where poison is on. */
    public void release(String name) {
        Placement placement = placement(name);
        if (poison) {
            fill(placement.offset(), placement.slot().bytes());
        }
    }

    /** Says that a step of the run is done; where poison is on, slots whose last step it was are poisoned. */
    public void stepDone(int step) {
        if (poison) {
            placements.values().stream()
                    .filter(placement -> placement.slot().lastStep() == step)
                    .forEach(placement ->
                            fill(placement.offset(), placement.slot().bytes()));
        }
    }

    @Override
    public void close() {
        buffer.close();
    }

    private Placement placement(String name) {
        Placement placement = placements.get(name);
        if (placement == null) {
            throw new IllegalArgumentException("no slot " + name + " in workspace " + buffer.label());
        }
        return placement;
    }

    private void fill(long offset, long bytes) {
        byte[] ones = new byte[(int) Math.min(bytes, POISON_BYTES)];
        Arrays.fill(ones, ALL_ONES);
        for (long done = 0; done < bytes; done += POISON_BYTES) {
            buffer.write(offset + done, ByteBuffer.wrap(ones, 0, (int) Math.min(bytes - done, POISON_BYTES)));
        }
    }
}
