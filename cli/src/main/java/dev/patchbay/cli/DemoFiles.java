package dev.patchbay.cli;

import dev.patchbay.analysis.io.JsonText;
import dev.patchbay.analysis.pairs.PairsWriter;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.analysis.results.RunFolder;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.WholeFile;
import dev.patchbay.model.run.Model;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the demo leaves on disk: a run folder a sweep, and the table of heads. An earlier demo's files are replaced, others are
 * left alone.
 *
 * @param folder where it goes
 * @param command whose results they are
 */
record DemoFiles(Path folder, Subcommand command) {
    /** Makes the folder. */
    DemoFiles {
        try {
            Files.createDirectories(folder);
        } catch (IOException failed) {
            throw new InputException("--out " + folder + ": cannot be made: " + failed, failed);
        }
    }

    /** Writes a sweep. */
    void write(String name, LoadedModel loaded, Model running, DemoCommand.Swept swept, String pairs) {
        RunFolder.at(folder.resolve(name))
                .write(
                        swept.grid(),
                        swept.effects(),
                        command.provenance(loaded, running, pairs),
                        id -> loaded.tokenText(Optional.empty(), id));
    }

    /** Writes prompt pairs and says where. */
    String pairs(String name, PromptPairs pairs) {
        var file = folder.resolve(name);
        PairsWriter.write(file, pairs.pairs());
        return file.toString();
    }

    /** Writes the table of heads, as CSV and JSON. */
    void heads(HeadTable table) {
        var lines = table.heads().stream()
                .map(head -> String.join(
                                ",",
                                head.name(),
                                '"' + head.role().replace("\"", "\"\"") + '"',
                                head.position(),
                                String.valueOf(head.patch()),
                                String.valueOf(head.zero()))
                        + "\n")
                .collect(Collectors.joining());
        write("heads.csv", "head,designed_role,position,patch_effect,zero_ablation_delta\n" + lines);
        write("heads.json", JsonText.line(table.objects()) + "\n");
    }

    private void write(String name, String text) {
        WholeFile.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    }
}
