import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws docs/images/demo.svg from the numbers of a demo run. From the root of a checkout:
 *
 * <pre>make demo &amp;&amp; java docs/images/DrawDemo.java demo-out docs/images/demo.svg</pre>
 */
final class DrawDemo {
    private static final int CELL = 46;
    private static final int ROW = 34;
    private static final int LEFT = 64;
    private static final int TOP = 86;
    private static final int GAP = 70;
    private static final List<String> PROMPT = List.of("BOS", "IO", "and", "S", "…", "S", "gave", "…", "to");

    private final StringBuilder svg = new StringBuilder();
    private int x = LEFT;

    private DrawDemo() {}

    public static void main(String[] arguments) throws IOException {
        var run = Path.of(arguments[0]);
        var drawing = new DrawDemo();
        drawing.panel("Exact patching of z", "effect, 1 = turns the corrupted run clean", run.resolve("zoo-ioi-patch"), "effect", "head");
        drawing.panel("Zero ablation", "change of the logit difference (clean: 1.5)", run.resolve("zoo-ioi-zero"), "delta", "head");
        drawing.panel("Patching the residual stream", "effect, by token of the prompt", run.resolve("zoo-ioi-resid"), "effect", "pos");
        Files.writeString(Path.of(arguments[1]), drawing.page());
    }

    /** A heat map of {@code value} over layers and {@code axis}; of the cells along other axes the strongest counts. */
    private void panel(String title, String subtitle, Path folder, String value, String axis) throws IOException {
        var lines = Files.readAllLines(folder.resolve("effects.csv"));
        var names = List.of(lines.getFirst().split(","));
        double[][] map = new double[64][64];
        int layers = 0;
        int columns = 0;
        for (String line : lines.subList(1, lines.size())) {
            var fields = line.split(",");
            int layer = Integer.parseInt(fields[names.indexOf("layer")]);
            int column = Integer.parseInt(fields[names.indexOf(axis)]);
            double number = Double.parseDouble(fields[names.indexOf(value)]);
            layers = Math.max(layers, layer + 1);
            columns = Math.max(columns, column + 1);
            if (Math.abs(number) > Math.abs(map[layer][column])) {
                map[layer][column] = number;
            }
        }
        text(x, 30, title, "title", "start");
        text(x, 52, subtitle, "small", "start");
        double most = 0;
        for (int layer = 0; layer < layers; layer++) {
            for (int column = 0; column < columns; column++) {
                most = Math.max(most, Math.abs(map[layer][column]));
            }
        }
        for (int layer = 0; layer < layers; layer++) {
            text(x - 10, TOP + layer * ROW + 22, (x == LEFT ? "layer " : "") + layer, "small", "end");
            for (int column = 0; column < columns; column++) {
                cell(x + column * CELL, TOP + layer * ROW, map[layer][column], most);
            }
        }
        for (int column = 0; column < columns; column++) {
            String label = axis.equals("pos") ? PROMPT.get(column) : String.valueOf(column);
            text(x + column * CELL + CELL / 2 - 1, TOP - 8, label, "small", "middle");
        }
        text(x + columns * CELL / 2, TOP + layers * ROW + 20, axis.equals("pos") ? "token" : "head", "small", "middle");
        x += columns * CELL + GAP;
    }

    private void cell(int left, int top, double value, double most) {
        double share = Math.pow(Math.abs(value) / most, 0.7);
        int[] end = value > 0 ? new int[] {203, 64, 44} : new int[] {44, 105, 190};
        int[] none = {238, 239, 242};
        var colour = new ArrayList<String>();
        for (int channel = 0; channel < 3; channel++) {
            colour.add(String.valueOf(Math.round(none[channel] + (end[channel] - none[channel]) * share)));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" fill=\"rgb(%s)\"/>%n",
                left,
                top,
                CELL - 3,
                ROW - 3,
                String.join(",", colour)));
        String number = String.format(Locale.ROOT, "%.2f", value);
        if (!number.equals("0.00") && !number.equals("-0.00")) {
            text(left + (CELL - 3) / 2, top + 20, number, share > 0.45 ? "light" : "dark", "middle");
        }
    }

    private void text(int left, int base, String words, String kind, String anchor) {
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" class=\"%s\" text-anchor=\"%s\">%s</text>%n",
                left,
                base,
                kind,
                anchor,
                words));
    }

    private String page() {
        int width = x - GAP + 24;
        int height = TOP + 4 * ROW + 40;
        return String.format(
                        Locale.ROOT,
                        """
                        <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">
                        <style>text{font-family:ui-sans-serif,system-ui,'DejaVu Sans',sans-serif;fill:#24292f}
                        .title{font-size:16px;font-weight:600}.small{font-size:12px;fill:#57606a}
                        .dark{font-size:12px}.light{font-size:12px;fill:#fff}</style>
                        <rect width="100%%" height="100%%" rx="8" fill="#fff"/>
                        """,
                        width,
                        height,
                        width,
                        height)
                + svg + "</svg>\n";
    }
}
