package dev.patchbay.cli;

import dev.patchbay.analysis.io.JsonLines;
import dev.patchbay.analysis.sweep.Axis;
import dev.patchbay.analysis.sweep.Direction;
import dev.patchbay.analysis.sweep.HeadSet;
import dev.patchbay.analysis.sweep.SweepSpec;
import dev.patchbay.analysis.sweep.SweepSpecBuilder;
import dev.patchbay.model.InputException;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.site.Site;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say which cells a sweep has. */
final class GridOptions {
    private static final long LARGEST_LIST = 16L << 20;

    @Option(
            names = "--site",
            paramLabel = "SITE",
            required = true,
            split = ",",
            description = "where to patch: z, q, k, v, pattern, resid_pre, attn_out, mlp_out, …")
    private List<String> sites = List.of();

    @Option(
            names = "--by",
            paramLabel = "AXES",
            required = true,
            description = "axes in order, of layer, head, pos, span, unit; the rest is patched as a whole")
    private String axes = "";

    @Option(names = "--heads", paramLabel = "L.H[,…]|@FILE", description = "only these heads, for example 9.6,9.9")
    private Optional<String> heads = Optional.empty();

    @Option(
            names = "--sets",
            paramLabel = "FILE",
            description = "one cell a line: heads patched together; !9.6,9.9 stands for all heads but these")
    private Optional<Path> sets = Optional.empty();

    @Option(
            names = "--positions",
            paramLabel = "END|SPAN|LIST",
            description = "only these positions; negative ones count from the end")
    private Optional<String> positions = Optional.empty();

    @Option(names = "--spans", paramLabel = "NAME", split = ",", description = "entries of the span axis")
    private List<String> spans = List.of();

    @Option(names = "--mix-templates", description = "let the pos axis mix templates")
    private boolean mixTemplates;

    @Option(
            names = "--direction",
            paramLabel = "D",
            description = "denoise: clean values into the corrupted run; noise: the other way (default: denoise)")
    private String direction = "denoise";

    @Option(
            names = "--direct",
            paramLabel = "auto|yes|no",
            description =
                    "direct and indirect effects of z, attn_out and mlp_out; auto: unless the metric reads the whole"
                            + " vocabulary (default: ${DEFAULT-VALUE})")
    private String direct = "auto";

    @Option(names = "--no-skip", description = "run every cell, also those known to change nothing")
    private boolean noSkip;

    /** The cells, to be completed by a method and a metric. */
    SweepSpecBuilder start() {
        var spec = SweepSpec.at(
                        sites.stream().map(String::strip).map(Site::named).toArray(Site[]::new))
                .by(Axis.parse(axes))
                .spans(spans.stream().map(String::strip).toList())
                .direction(direction());
        heads.ifPresent(list -> spec.heads(heads(list)));
        sets.ifPresent(file -> spec.sets(HeadSet.parseLines(lines(file), file.toString())));
        positions.ifPresent(text -> spec.positions(positions(text)));
        switch (direct) {
            case "auto" -> {}
            case "yes" -> spec.direct(true);
            case "no" -> spec.direct(false);
            default -> throw new InputException("--direct: expected auto, yes or no, found '" + direct + "'");
        }
        if (mixTemplates) {
            spec.mixTemplates();
        }
        return noSkip ? spec.noSkip() : spec;
    }

    private Direction direction() {
        return Arrays.stream(Direction.values())
                .filter(each -> each.label().equals(direction))
                .findFirst()
                .orElseThrow(
                        () -> new InputException("--direction: expected denoise or noise, found '" + direction + "'"));
    }

    private static List<LayerHead> heads(String list) {
        if (!list.startsWith("@")) {
            return HeadSet.parse(list, "--heads").heads();
        }
        var file = Path.of(list.substring(1));
        var text = lines(file).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        return HeadSet.parse(String.join(" ", text), file.toString()).heads();
    }

    private static Positions positions(String text) {
        if (text.matches("-?\\d{1,9}(?:,-?\\d{1,9})*")) {
            return Positions.of(Arrays.stream(text.split(",", -1))
                    .mapToInt(Integer::parseInt)
                    .toArray());
        }
        return switch (text) {
            case "END", "last" -> Positions.END;
            case "all" -> Positions.ALL;
            default -> new Positions.Span(text);
        };
    }

    private static List<String> lines(Path file) {
        return new String(JsonLines.bytes(file, LARGEST_LIST), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }
}
