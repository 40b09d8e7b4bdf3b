// The land of a what-if on a map: on both maps it has the same thick line, so that the eye finds it at once.
import { L } from "../map/leaflet.js";

const LINE = "#111111";

/** outline(leaflet, {shape, colour}) -> L.LayerGroup; without a colour the plan is seen through it. */
export function outline(leaflet, { shape, colour }) {
  const group = L.layerGroup().addTo(leaflet);
  const style = colour ? { fillColor: colour, fillOpacity: 0.95 } : { fill: false };
  for (const more of [{ color: "#ffffff", weight: 7, fill: false }, { color: LINE, weight: 3.5, ...style }]) {
    L.geoJSON(shape, { style: more, interactive: false }).addTo(group);
  }
  return group;
}

