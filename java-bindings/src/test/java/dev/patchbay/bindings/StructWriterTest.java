package dev.patchbay.bindings;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class StructWriterTest {
    private final MemorySegment memory = Arena.ofAuto().allocate(40, 8);
    private final StructWriter writer = new StructWriter(memory);

    @Test
    void fieldsGoToTheirOffsetsInAnyOrderAndStructsFollowEachOther() {
        long first = row(4).end();
        writer.begin(NativeStructs.ROW);
        long second = writer.int32("base", 9)
                .int32("token", 8)
                .int32("start", 7)
                .int32("length", 6)
                .end();
        assertEquals(memory.address(), first);
        assertEquals(memory.address() + 16, second);
        assertEquals(9, memory.getAtIndex(JAVA_INT, 7));
        assertEquals(6, memory.getAtIndex(JAVA_INT, 5));
        assertFalse(writer.hasRoomFor(NativeStructs.ROW));
        assertThrows(IllegalStateException.class, () -> writer.begin(NativeStructs.ROW));
        assertEquals(
                first,
                writer.reset()
                        .begin(NativeStructs.ROW)
                        .int32("token", 1)
                        .int32("length", 1)
                        .int32("start", 1)
                        .int32("base", 1)
                        .end());
    }

    @Test
    void reservedFieldsAreZeroedByThemselves() {
        memory.fill((byte) 0xFF);
        writer.begin(NativeStructs.ATTENTION_EDIT)
                .int32("token", 1)
                .int32("head", 1)
                .int32("key_begin", 1)
                .int32("key_end", 1)
                .int32("stage", 1)
                .int32("op", 1)
                .int64("source", 1)
                .float32("factor", 1)
                .end();
        assertEquals(0, memory.getAtIndex(JAVA_INT, 9));
    }

    @Test
    void forgottenDoubledUnknownAndMistypedFieldsAreRefused() {
        Class<IllegalStateException> refused = IllegalStateException.class;
        assertThrows(
                refused, () -> writer.begin(NativeStructs.ROW).int32("token", 1).end());
        writer.reset();
        assertThrows(refused, () -> row(1).int32("token", 2));
        writer.reset();
        assertThrows(refused, () -> writer.begin(NativeStructs.ROW).int32("head", 1));
        writer.reset();
        assertThrows(refused, () -> writer.begin(NativeStructs.ROW).int64("token", 1));
        writer.reset();
        assertThrows(refused, () -> writer.begin(NativeStructs.ROW).float32("token", 1));
    }

    private StructWriter row(int value) {
        return writer.begin(NativeStructs.ROW)
                .int32("token", value)
                .int32("length", value)
                .int32("start", value)
                .int32("base", value);
    }
}
