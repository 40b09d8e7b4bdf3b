// Control lines and the village's border once more, above the zones: whoever draws must see what he must not cross.
import { lineRules, INK, outline } from "../map/paint.js";
import { openTiles } from "../map/tiles.js";

export async function linesAbove(leaflet, options) {
  if (!options.tiles.base) return;
  const rules = () => [...lineRules(options.lines || []), { dataSource: "base", dataLayer: "outline", symbolizer: outline({ colour: INK, width: 2.5, dash: [12, 4, 2, 4], casing: 2 }) }];
  const pane = leaflet.createPane("lines");
  pane.style.zIndex = 450;
  pane.style.pointerEvents = "none";
  const { layer } = await openTiles({ base: options.tiles.base }, rules, { onProblem() {}, onMissing() {} });
  if (!layer) return;
  layer.options.pane = "lines";
  layer.addTo(leaflet);
}
