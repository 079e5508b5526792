package dev.patchbay.model.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.InputException;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every zoo model is whole, and the same whenever and wherever it is made. */
class ZooTest {
    static Stream<String> names() {
        return Zoo.names().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyTensorIsMappedToItself(String name) {
        var zoo = Zoo.open(name);
        assertEquals(zoo.tensors().names(), zoo.weights().sources().keySet());
        zoo.weights().sources().forEach((tensor, source) -> {
            assertEquals(tensor, source.tensor());
            assertEquals(zoo.tensors().shape(tensor), source.shape());
            long elements = source.shape().stream().reduce(1L, (a, b) -> a * b);
            assertEquals(elements, zoo.tensors().floats(tensor).length);
        });
        var architecture = zoo.architecture();
        assertEquals(
                List.of((long) architecture.modelWidth(), (long) architecture.queryWidth()),
                zoo.tensors().shape("layers.0.q.weight"));
        assertEquals(
                List.of((long) architecture.modelWidth(), (long) architecture.keyValueWidth()),
                zoo.tensors().shape("layers.0.k.weight"));
        assertEquals(architecture.head().norm(), zoo.tensors().names().contains("ln_final.weight"));
    }

    @ParameterizedTest
    @MethodSource("names")
    void tokensAndRolesAreNamed(String name) {
        var zoo = Zoo.open(name);
        assertEquals(zoo.architecture().vocabulary(), zoo.tokenNames().size());
        assertEquals(zoo.tokenNames().size(), new HashSet<>(zoo.tokenNames()).size());
        zoo.roles().forEach((head, role) -> {
            int dot = head.indexOf('.');
            assertTrue(Integer.parseInt(head.substring(0, dot))
                    < zoo.architecture().layers());
            assertTrue(Integer.parseInt(head.substring(dot + 1))
                    < zoo.architecture().heads());
            assertTrue(!role.isBlank());
        });
    }

    @Test
    void digestsTellModelsApartAndDoNotChange() {
        var digests = new HashSet<String>();
        names().forEach(name -> digests.add(Zoo.open(name).tensors().digest()));
        assertEquals(Zoo.names().size(), digests.size());
        assertEquals(
                Zoo.open("ioi").tensors().digest(), Zoo.open("ioi").tensors().digest());
    }

    @Test
    void unknownModelsAndTensorsAreNamed() {
        var model = assertThrows(InputException.class, () -> Zoo.open("ioi2"));
        assertTrue(model.toString().contains("ioi2") && model.toString().contains("function-vector"));
        var store = Zoo.open("ioi").tensors();
        assertThrows(InputException.class, () -> store.floats("layers.9.q.weight"));
        store.floats("embed.weight")[0] = 5;
        assertEquals(1f, store.floats("embed.weight")[0]);
    }

    @Test
    void seededChoicesAreTheSameEverywhere() {
        var random = new SeededChoice(1234567);
        assertEquals(6457827717110365317L, random.next());
        assertEquals(3203168211198807973L, random.next());
        assertArrayEquals(ZooPrompts.needle(4).ids(), ZooPrompts.needle(4).ids());
        assertNotEquals(ZooPrompts.rare(1).tokens(), ZooPrompts.rare(2).tokens());
        assertEquals(40, new HashSet<>(ZooPrompts.rare(1).tokens().subList(1, 41)).size());
    }

    @Test
    void promptsNameTheirParts() {
        var pair = ZooPrompts.ioiPairs(2, 4).get(1);
        assertEquals("ioi-BABA", pair.clean().template());
        assertEquals(3, pair.clean().position("IO"));
        assertEquals(pair.clean().answer().orElseThrow(), pair.clean().tokens().get(3));
        assertEquals(8, pair.clean().position("END"));
        var three = List.of(1, 3, 5);
        var names = new HashSet<Integer>();
        three.forEach(position -> names.add(pair.corrupted().tokens().get(position)));
        names.add(pair.clean().answer().orElseThrow());
        names.add(pair.clean().wrong().orElseThrow());
        assertEquals(5, names.size());
        assertThrows(IllegalArgumentException.class, () -> pair.clean().position("NEEDLE"));
        assertThrows(IllegalArgumentException.class, () -> FixturePrompts.facts(2, 2));
    }
}
