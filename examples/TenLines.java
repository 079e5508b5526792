import dev.patchbay.analysis.pairs.*;
import dev.patchbay.analysis.sweep.*;
import dev.patchbay.device.*;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.site.Site;
import java.nio.file.Path;

/** Which heads carry the answer? Every head of a checkpoint patched, one at a time, on every prompt pair. */
public class TenLines {
    public static void main(String[] arguments) {
        try (var device = Devices.open(DeviceOptions.of("auto"));
                var folder = ModelFolder.open(Path.of(arguments[0]));
                var model = Model.load(device, folder)) {
            var pairs = new PairsReader(PairsOptions.ids(model.architecture().vocabulary())).read(Path.of(arguments[1]));
            var sweep = SweepSpec.at(Site.Z).by(Axis.LAYER, Axis.HEAD).build();
            var grid = Grid.of(sweep, model.architecture(), pairs);
            var effect = new SweepRunner(model, grid).run(SweepProgress.SILENT).effects().effect();
            for (int cell = 0; cell < effect.length; cell++)
                System.out.printf("head %d.%d %.3f%n", grid.entries(cell)[0], grid.entries(cell)[1], effect[cell]);
        }
    }
}
