package dev.patchbay.model.site;

import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A site in one layer: where values are captured and edited.
 *
 * @param site which activation
 * @param layer zero-based, 0 for sites that exist once
 */
public record SitePoint(Site site, int layer) {
    /** The name used in files: {@code z.3}, {@code embed}. */
    public String label() {
        return site.traits().perLayer() ? site.label() + "." + layer : site.label();
    }

    /**
     * Reads {@code z}, {@code z.3} or a TransformerLens hook name such as {@code blocks.3.attn.hook_z}; a name without
     * layer stands for every layer in which the site exists.
     *
     * @throws InputException for an unknown site, a layer out of range, or a site that this model does not have
     */
    public static List<SitePoint> parse(String name, Architecture architecture) {
        var hook = transformerLens(name);
        if (hook.isPresent()) {
            return List.of(checked(hook.get(), name, architecture));
        }
        int dot = name.indexOf('.');
        if (dot < 0) {
            return everywhere(Site.named(name), architecture);
        }
        var site = Site.named(name.substring(0, dot));
        int layer = layerNumber(name.substring(dot + 1), name);
        return List.of(checked(new SitePoint(site, layer), name, architecture));
    }

    /** Every point of a site in a model. */
    public static List<SitePoint> everywhere(Site site, Architecture architecture) {
        int layers = site.traits().perLayer() ? architecture.layers() : 1;
        var points = new ArrayList<SitePoint>();
        String reason = "";
        for (int layer = 0; layer < layers; layer++) {
            var absence = site.absence(architecture, layer);
            if (absence.isEmpty()) {
                points.add(new SitePoint(site, layer));
            } else {
                reason = absence.get();
            }
        }
        if (points.isEmpty()) {
            throw new InputException(
                    "site '" + site.label() + "': not in this " + architecture.family() + " model: " + reason);
        }
        return List.copyOf(points);
    }

    /** This point, where the model has it. */
    public static SitePoint checked(SitePoint point, String name, Architecture architecture) {
        int layers = point.site.traits().perLayer() ? architecture.layers() : 1;
        if (point.layer < 0 || point.layer >= layers) {
            throw new InputException("site '" + name + "': layer " + point.layer
                    + " is out of range; the model has layers 0 to " + (layers - 1));
        }
        point.site.absence(architecture, point.layer).ifPresent(reason -> {
            throw new InputException("site '" + name + "': not in this " + architecture.family() + " model: " + reason);
        });
        return point;
    }

    private static Optional<SitePoint> transformerLens(String name) {
        boolean block = name.startsWith("blocks.");
        int layer = 0;
        String hook = name;
        if (block) {
            int end = name.indexOf('.', "blocks.".length());
            if (end < 0) {
                return Optional.empty();
            }
            layer = layerNumber(name.substring("blocks.".length(), end), name);
            hook = name.substring(end + 1);
        } else if (!name.contains("hook_")) {
            return Optional.empty();
        }
        for (Site site : Site.values()) {
            if (site.traits().perLayer() == block && site.transformerLensHook().equals(hook)) {
                return Optional.of(new SitePoint(site, layer));
            }
        }
        throw new InputException("site '" + name + "': no such TransformerLens hook is known here");
    }

    private static int layerNumber(String text, String name) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new InputException("site '" + name + "': expected a layer number, found '" + text + "'", e);
        }
    }
}
