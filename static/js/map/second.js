// Another plan over the same ground: in a pane of its own, which a swipe can cut, or in a map of its own beside the first.
import { labelRulesFor } from "./labels.js";
import { rulesFor } from "./paint.js";
import { openTiles } from "./tiles.js";

/**
 * secondLayer(leaflet, {base: url, version: url}, view, {onProblem, onMissing}, "before") -> {pane, show(changes), remove()}: tiles
 * painted by a view of their own (see paint.js), without conflicts. They lie in the pane of that name, where the first map's tiles lie.
 * Null if a tile set cannot be had: half a plan beside a whole one would be read as a change.
 */
export async function secondLayer(leaflet, urls, view, { onProblem, onMissing }, name = "before") {
  const own = { ...view, conflicts: false, zone: null, chosen: null, found: null };
  const seen = (sources) => ({ ...own, sources });
  let problem = null;
  const { layer, sets } = await openTiles(urls, (sources) => rulesFor(seen(sources)), {
    labels: (sources) => labelRulesFor(seen(sources)),
    onProblem: (error) => (problem = error),
    onMissing,
  });
  if (problem) {
    onProblem(problem);
    return null;
  }
  const pane = leaflet.getPane(name) || leaflet.createPane(name);
  pane.style.zIndex = 200;
  pane.classList.add("map-plan-pane");
  layer.options.pane = name;
  layer.addTo(leaflet);
  return {
    pane,
    show(changes) {
      if (Object.keys(changes).every((key) => own[key] === changes[key])) return;
      Object.assign(own, changes);
      layer.paintRules = rulesFor(seen(Object.keys(sets)));
      layer.rerenderTiles();
    },
    remove: () => layer.remove(),
  };
}
