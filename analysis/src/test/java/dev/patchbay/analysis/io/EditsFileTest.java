package dev.patchbay.analysis.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.Refused;
import dev.patchbay.model.checkpoint.SafetensorsWriter;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Edit.Basis;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.zoo.Zoo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EditsFileTest {
    @TempDir
    private static Path folder;

    @BeforeAll
    static void tensors() {
        new SafetensorsWriter()
                .add("b", List.of(1L, 2L), new float[] {1, 2})
                .add("cube", List.of(1L, 1L, 1L), new float[] {1})
                .write(folder.resolve("v.safetensors"));
    }

    private static EditsFile parse(String json) {
        return EditsFile.parse(
                json.getBytes(StandardCharsets.UTF_8),
                "e.json",
                folder,
                Zoo.open("ioi").architecture());
    }

    private static void assertEdit(Edit expected, String json) {
        assertEquals(List.of(expected), parse("[" + json + "]").edits());
    }

    @Test
    void placesAreReadInEveryForm() {
        assertEdit(
                Edit.at(Site.Z).layers(2).heads(0, 3).zero(),
                "{\"site\": \"z\", \"layer\": 2, \"head\": [3, 0], \"op\": \"zero\"}");
        assertEdit(Edit.at(Site.Z).layers(1).zero(), "{\"site\": \"blocks.1.attn.hook_z\", \"op\": \"zero\"}");
        assertEdit(Edit.at(Site.RESID_PRE).zero(), "{\"site\": \"resid_pre\", \"layer\": \"all\", \"op\": \"zero\"}");
        assertEdit(Edit.at(Site.EMBED).zero(), "{\"site\": \"embed\", \"op\": \"zero\"}");
        assertEdit(
                Edit.at(Site.Z)
                        .layerHeads(List.of(new LayerHead(2, 0), new LayerHead(1, 1)))
                        .positions(Positions.of(-1, 2))
                        .units(4)
                        .rows(0)
                        .zero(),
                "{\"site\": \"z\", \"heads\": [[2, 0], [1, 1]], \"positions\": [-1, 2], \"unit\": [4], \"row\": 0, \"op\": \"zero\"}");
        assertEdit(
                Edit.at(Site.ATTN_SCORES)
                        .layers(0)
                        .positions(Positions.END)
                        .keys(new Positions.Span("S1"))
                        .knockout(),
                "{\"site\": \"attn_scores\", \"layer\": 0, \"positions\": \"END\", \"keys\": \"S1\", \"op\": \"knockout\"}");
    }

    @Test
    void valuesAreReadInEveryForm() {
        String z = "{\"site\": \"z\", \"layer\": 0, ";
        var at = Edit.at(Site.Z).layers(0);
        assertEdit(at.scale(0.5f), z + "\"op\": \"scale\", \"value\": 0.5}");
        assertEdit(at.replace(new Source.Constant(2)), z + "\"op\": \"replace\", \"value\": 2}");
        assertEdit(at.add(1, new Source.Vector(List.of(1f, 2f))), z + "\"op\": \"add\", \"value\": [1, 2]}");
        assertEdit(at.replace(new Source.Run("other")), z + "\"op\": \"replace\", \"value\": {\"run\": \"other\"}}");
        assertEdit(
                at.interpolate(0.25f, new Source.Mean("ref")),
                z + "\"op\": \"interpolate\", \"factor\": 0.25, \"value\": {\"mean\": \"ref\"}}");
        var file = parse("[" + z + "\"op\": \"project_out\", \"basis\": \"v.safetensors#b\"}]");
        assertEquals(List.of(at.projectOut(new Basis.Named("v.safetensors#b"))), file.edits());
        assertEquals(List.of("v.safetensors#b"), List.copyOf(file.tensors().keySet()));
        var tensor = file.tensors().values().iterator().next();
        assertEquals(2, tensor.columns());
        assertEquals(1, tensor.rows());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{}|field 'site'",
                "{\"site\": \"zz\", \"op\": \"zero\"}|'zz'",
                "{\"site\": \"z\", \"op\": \"zero\"}|field 'layer'",
                "{\"site\": \"z\", \"layer\": 0.5, \"op\": \"zero\"}|field 'layer'",
                "{\"site\": \"z\", \"layer\": [], \"op\": \"zero\"}|field 'layer'",
                "{\"site\": \"z.1\", \"layer\": 0, \"op\": \"zero\"}|field 'layer'",
                "{\"site\": \"z\", \"heads\": [[1]], \"op\": \"zero\"}|field 'heads'",
                "{\"site\": \"z\", \"heads\": [[1, 1]], \"head\": 1, \"op\": \"zero\"}|field 'heads'",
                "{\"site\": \"z\", \"layer\": 0}|field 'op'",
                "{\"site\": \"z\", \"layer\": 0, \"op\": \"remove\"}|field 'op'",
                "{\"site\": \"z\", \"layer\": 0, \"op\": \"zero\", \"value\": 1}|field 'value'",
                "{\"site\": \"z\", \"layer\": 0, \"op\": \"replace\"}|field 'value'",
                "{\"site\": \"z\", \"layer\": 0, \"op\": \"replace\", \"value\": 1e99}|field 'value'",
                "{\"site\": \"z\", \"layer\": 0, \"op\": \"replace\", \"value\": {}}|field 'value'",
                "{\"site\": \"z\", \"layer\": 0, \"op\": \"interpolate\", \"value\": 1}|field 'factor'",
                "{\"site\": \"z\", \"layer\": 0, \"op\": \"project_out\"}|field 'basis'",
                "{\"site\": \"z\", \"layer\": 0, \"op\": \"replace\", \"value\": \"v\"}|FILE#name",
                "{\"site\": \"z\", \"layer\": 0, \"op\": \"replace\", \"value\": \"v.safetensors#x\"}|x",
                "{\"site\": \"z\", \"layer\": 0, \"op\": \"replace\", \"value\": \"v.safetensors#cube\"}|[1, 1, 1]",
                "{\"site\": \"z\", \"layer\": 0, \"op\": \"replace\", \"value\": \"w.safetensors#x\"}|w.safetensors",
                "{\"site\": \"z\", \"layer\": 0, \"op\": \"zero\", \"position\": 1}|'position' is unknown",
            })
    void everyFaultIsNamed(String edit, String expected) {
        String message = Refused.line(() -> parse("[" + edit + "]"));
        assertTrue(message.contains(expected), message);
    }
}
