package dev.patchbay.model.config;

import dev.patchbay.device.Ops.RopePairing;
import dev.patchbay.model.InputCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads rotary positions out of a configuration: {@code rope_parameters} of the newer form, {@code rope_scaling},
 * {@code rope_theta}, {@code rotary_emb_base}, {@code rotary_pct} and {@code partial_rotary_factor} of the older ones. What
 * stands in several places must agree.
 */
final class RopeReader {
    /**
     * What holds where the configuration does not say, and what a family fixes.
     *
     * @param fraction of a head that turns
     * @param theta base of the frequencies
     */
    record Usual(RopePairing pairing, Sizes sizes, double fraction, double theta) {
        /** The whole head turns in halves. */
        static Usual of(Sizes sizes) {
            return new Usual(RopePairing.HALF, sizes, 1, 10_000);
        }

        Usual pairing(RopePairing chosen) {
            return new Usual(chosen, sizes, fraction, theta);
        }

        Usual fraction(double chosen) {
            return new Usual(pairing, sizes, chosen, theta);
        }

        Usual theta(double chosen) {
            return new Usual(pairing, sizes, fraction, chosen);
        }
    }

    private final ConfigSection config;
    private final Usual usual;
    private final Optional<ConfigSection> parameters;
    private final Optional<ConfigSection> scaling;
    private final String[] thetaKeys;

    private RopeReader(
            ConfigSection config,
            Usual usual,
            Optional<ConfigSection> parameters,
            Optional<ConfigSection> scaling,
            String... thetaKeys) {
        this.config = config;
        this.usual = usual;
        this.parameters = parameters;
        this.scaling = scaling;
        this.thetaKeys = thetaKeys;
    }

    /** The rotation that a configuration describes. */
    static Rope read(ConfigSection config, Usual usual) {
        return new RopeReader(
                        config,
                        usual,
                        config.section("rope_parameters"),
                        config.section("rope_scaling"),
                        "rope_theta",
                        "rotary_emb_base")
                .rope();
    }

    /**
     * The rotation of one type of layers, where each has its own: {@code rope_parameters} holds an object for each; the older
     * {@code rope_scaling} is about the full layers.
     *
     * @param thetaKey the older key of the base
     */
    static Rope read(ConfigSection config, Usual usual, String layerType, String thetaKey) {
        var own = config.section("rope_parameters")
                .map(all -> all.section(layerType)
                        .orElseThrow(() -> all.fault(layerType, "an object, one for each type of layers", "nothing")));
        var scaling =
                layerType.equals(LayerTypes.FULL) ? config.section("rope_scaling") : Optional.<ConfigSection>empty();
        return new RopeReader(config, usual, own, scaling, thetaKey).rope();
    }

    private Rope rope() {
        checkAgreement();
        int headSize = usual.sizes().headSize();
        int rotary = (int) (headSize * fraction());
        if (rotary < 2 || rotary % 2 != 0) {
            throw InputCode.CFG_ROPE.refusal(
                    config + ": an even number of at least 2 elements of a head must turn, found " + rotary + " of "
                            + headSize + ": check head_dim and partial_rotary_factor");
        }
        return Ropes.of(
                usual.pairing(),
                rotary,
                theta(),
                new RopeScalingReader(config, section(), rotary, usual.sizes().maxPositions()).read());
    }

    /** Everything the older object says must be in the newer one, where both are there. */
    private void checkAgreement() {
        if (parameters.isEmpty() || scaling.isEmpty()) {
            return;
        }
        for (var key : scaling.get().keys()) {
            var keys = key.equals("type") ? new String[] {"rope_type", "type"} : new String[] {key};
            var newer = parameters.get().all(keys);
            for (var older : scaling.get().all(key)) {
                if (newer.isEmpty() || !newer.getFirst().agrees(older)) {
                    throw InputCode.CFG_ROPE.refusal(scaling.get() + ": " + key + ": expected "
                            + (newer.isEmpty()
                                    ? "nothing"
                                    : newer.getFirst().value().kind())
                            + " as rope_parameters says, found " + older.value().kind() + "; delete the wrong one");
                }
            }
        }
    }

    private Optional<ConfigSection> section() {
        return parameters.or(() -> scaling);
    }

    private double theta() {
        return agreed("rope_theta", thetaKeys)
                .map(found -> positive(found, Double.MAX_VALUE))
                .orElse(usual.theta());
    }

    private double fraction() {
        return agreed("partial_rotary_factor", "partial_rotary_factor", "rotary_pct")
                .map(found -> positive(found, 1))
                .orElse(usual.fraction());
    }

    /** A value that may stand in the rope's object and, under these keys, in the configuration itself. */
    private Optional<ConfigSection.Found> agreed(String nested, String... keys) {
        List<ConfigSection.Found> all = new ArrayList<>();
        parameters.ifPresent(section -> all.addAll(section.all(nested)));
        scaling.ifPresent(section -> all.addAll(section.all(nested)));
        all.addAll(config.all(keys));
        return ConfigSection.agreed(all);
    }

    static double positive(ConfigSection.Found found, double most) {
        double number = found.number();
        if (number > 0 && number <= most) {
            return number;
        }
        throw found.fault(most == 1 ? "a number above 0 and at most 1" : "a number above 0");
    }
}
