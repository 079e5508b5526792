package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Device;
import dev.patchbay.model.InputException;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Edit.Basis;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Edit.Operation;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What cannot be done is said in one line before anything runs. */
class BadRequestsTest {
    private static Device device;
    private static Model llama;
    private static Model gpt;

    @BeforeAll
    static void open() {
        device = Runs.cpu();
        var rotary = new RandomTensors(RandomTensors.llamaLike(2));
        llama = Model.load(device, RandomTensors.llamaLike(2), rotary.map(), rotary);
        var learned = new RandomTensors(RandomTensors.gptLike(2));
        gpt = Model.load(device, RandomTensors.gptLike(2), learned.map(), learned);
    }

    @AfterAll
    static void close() {
        llama.close();
        gpt.close();
        device.close();
    }

    private static void refused(Edit edit, String... words) {
        refused(
                llama,
                RunRequest.of(List.of(Row.of(1, 2, 3)), Logits.LAST).with(Program.edits(edit), Bindings.NONE),
                words);
    }

    private static void refused(Model model, RunRequest request, String... words) {
        var message = String.valueOf(
                assertThrows(InputException.class, () -> model.run(request)).getMessage());
        assertFalse(message.contains("\n"));
        for (String word : words) {
            assertTrue(message.contains(word), message);
        }
        model.run(RunRequest.of(List.of(Row.of(1, 2)), Logits.LAST)).close();
    }

    private static RunRequest plain(int... tokens) {
        return RunRequest.of(List.of(Row.of(tokens)), Logits.LAST);
    }

    @Test
    void tokensOutsideTheVocabularyAndEmptyRows() {
        refused(llama, plain(1, 61), "row 0", "token id 61", "0 to 60");
        refused(llama, plain(-1), "token id -1");
        refused(llama, plain(), "no tokens");
        refused(llama, RunRequest.of(List.of(), Logits.LAST), "no rows");
    }

    @Test
    void promptsLongerThanTheLearnedPositions() {
        refused(gpt, plain(new int[129]), "129 positions", "learned only 128");
        llama.run(plain(new int[129])).close();
    }

    @Test
    void rowsWithoutTheBaseTheyStartFrom() {
        refused(
                llama,
                RunRequest.of(List.of(Row.of(1, 2, 3).from(1, 0)), Logits.LAST),
                "starts at position 1",
                "no base");
    }

    @Test
    void placesThatAreNotThere() {
        refused(Edit.at(Site.Z).layers(2).zero(), "layer 2", "0 to 1");
        refused(Edit.at(Site.Z).heads(4).zero(), "head 4", "0 to 3");
        refused(Edit.at(Site.K).heads(2).zero(), "kv-head 2", "0 to 1");
        refused(Edit.at(Site.Z).layerHeads(List.of(new LayerHead(0, 9))).zero(), "head 9");
        refused(Edit.at(Site.Z).units(16).zero(), "unit 16", "0 to 15");
        refused(Edit.at(Site.Z).rows(1).zero(), "row 1", "0 to 0");
        refused(Edit.at(Site.Z).positions(Positions.of(3)).zero(), "position 3", "3 positions");
        refused(Edit.at(Site.Z).positions(Positions.of(-4)).zero(), "position -4");
        refused(Edit.at(Site.Z).positions(new Positions.Span("IO")).zero(), "no span 'IO'");
        refused(Edit.at(Site.POS_EMBED).zero(), "no learned positions");
        refused(Edit.at(Site.RESID_PRE).heads(1).zero(), "no heads");
    }

    @Test
    void operationsThatDoNotFitTheirSite() {
        refused(Edit.at(Site.LN1_SCALE).zero(), "read-only");
        refused(Edit.at(Site.RESULT).heads(4).zero(), "head 4", "0 to 3");
        refused(Edit.at(Site.Z).knockout(), "knockout", "z");
        refused(Edit.at(Site.ATTN_SCORES).uniform(), "uniform");
        refused(Edit.at(Site.Z).keys(Positions.of(0)).zero(), "keys");
        refused(Edit.at(Site.PATTERN).units(1).zero(), "units");
        refused(Edit.at(Site.Z).done(Operation.PROJECT_OUT, 1, Source.NONE, Optional.empty()), "basis");
    }

    @Test
    void valuesThatDoNotFit() {
        refused(Edit.at(Site.Z).heads(0, 1).replace(new Source.Vector(List.of(1f, 2f))), "2 elements", "16", "32");
        refused(Edit.at(Site.Z).replace(new Source.Run("other")), "not bound");
        refused(Edit.at(Site.Z).replace(new Source.Named("f#x")), "f#x", "not bound");
        refused(Edit.at(Site.RESID_PRE).projectOut(new Basis.Rows(List.of(List.of(1f)))), "width 1", "40");
        refused(Edit.at(Site.Z).projectOut(new Basis.Rows(List.of(zeros(16)))), "zero");
    }

    private static List<Float> zeros(int count) {
        return java.util.Collections.nCopies(count, 0f);
    }

    @Test
    void editsThatMatchNothingOrEmptyARow() {
        refused(Edit.at(Site.Z).positions(Positions.GENERATED).zero(), "matches nothing");
        refused(Edit.at(Site.ATTN_SCORES).layers(1).heads(2).knockout(), "empty", "1.2", "query 0");
    }

    @Test
    void capturesOfTheSamePlaceTwiceOrOfNoPlace() {
        var point = new SitePoint(Site.Z, 0);
        refused(
                llama,
                plain(1).with(Program.captures(List.of(new Capture(point), new Capture(point))), Bindings.NONE),
                "twice");
        refused(
                llama,
                plain(1).with(Program.captures(List.of(new Capture(new SitePoint(Site.Z, 7)))), Bindings.NONE),
                "layer 7");
        refused(
                gpt,
                plain(1).with(Program.captures(List.of(new Capture(new SitePoint(Site.ROT_Q, 0)))), Bindings.NONE),
                "no rotary positions");
    }

    @Test
    void sitesByName() {
        var architecture = llama.architecture();
        assertThrows(InputException.class, () -> SitePoint.parse("zz", architecture));
        assertThrows(InputException.class, () -> SitePoint.parse("z.two", architecture));
        assertThrows(InputException.class, () -> SitePoint.parse("z.2", architecture));
        assertThrows(InputException.class, () -> SitePoint.parse("blocks.0.attn.hook_zz", architecture));
        assertTrue(SitePoint.parse("blocks.1.attn.hook_z", architecture).equals(List.of(new SitePoint(Site.Z, 1))));
        assertTrue(SitePoint.parse("z", architecture).size() == 2);
        assertTrue(SitePoint.parse("hook_embed", architecture).equals(List.of(new SitePoint(Site.EMBED, 0))));
    }
}
