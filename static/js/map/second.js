// Another plan over the same ground: in a pane of its own, which a swipe can cut, or in a map of its own beside the first.
import { labelRulesFor } from "./labels.js";
import { rulesFor } from "./paint.js";
import { openTiles } from "./tiles.js";

/**
 * secondLayer(leaflet, {base: url, version: url}, view, say, "before") -> {pane, show(changes), remove()}: tiles painted by a view of
 * their own (see paint.js), without conflicts. With a name they lie in that pane, where the first map's tiles lie.
 */
export async function secondLayer(leaflet, urls, view, say, name = "before") {
  const own = { ...view, conflicts: false, zone: null, chosen: null, found: null };
  const seen = (sources) => ({ ...own, sources });
  const pane = leaflet.getPane(name) || leaflet.createPane(name);
  pane.style.zIndex = 200;
  const { layer, sets } = await openTiles(urls, (sources) => rulesFor(seen(sources)), {
    labels: (sources) => labelRulesFor(seen(sources)),
    onProblem: (error) => say(error.message, "error"),
    onMissing() {},
  });
  if (layer) {
    layer.options.pane = name;
    layer.addTo(leaflet);
  }
  return {
    pane,
    show(changes) {
      Object.assign(own, changes);
      if (!layer) return;
      layer.paintRules = rulesFor(seen(Object.keys(sets)));
      layer.rerenderTiles();
    },
    remove: () => layer && layer.remove(),
  };
}
