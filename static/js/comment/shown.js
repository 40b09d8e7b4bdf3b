// The comments of a page on its map: pins, what was drawn, and the way from a pin to the words and back.
import { L } from "../map/leaflet.js";
import { pin } from "../map/pins.js";
import { t } from "../lib/words.js";

const DRAWN = { color: "#1a5580", weight: 2, fillColor: "#1a5580", fillOpacity: 0.12, dashArray: "6 5", interactive: false };
const CHOSEN = { weight: 5, fillOpacity: 0.3, dashArray: null };

/** showComments(map, pins, onPin): {layer, show(id), update(pins)}; show() goes to the place of a comment, false if it has none. */
export function showComments(map, first, onPin) {
  const layer = L.layerGroup().addTo(map.leaflet);
  let pins = [];
  let shapes = new Map();
  let chosen = null;

  function update(found) {
    pins = found;
    shapes = new Map();
    chosen = null;
    layer.clearLayers();
    for (const { number, id, lon, lat, answered, shape } of pins) {
      if (shape) shapes.set(id, L.geoJSON(shape, { style: DRAWN, interactive: false }).addTo(layer));
      pin(lat, lon, number, { kind: answered ? "answered" : "", title: t("Comment %(number)s", { number }), onClick: () => onPin(id) }).addTo(layer);
    }
  }

  function show(id) {
    const found = pins.find((other) => other.id === id);
    if (!found) return false;
    if (chosen) chosen.setStyle(DRAWN);
    chosen = shapes.get(id) || null;
    const box = chosen && chosen.getBounds();
    if (chosen) chosen.setStyle({ ...DRAWN, ...CHOSEN });
    if (box && box.isValid()) map.leaflet.fitBounds(box, { maxZoom: 18, padding: [40, 40] });
    else map.leaflet.setView([found.lat, found.lon], Math.max(map.leaflet.getZoom(), 17));
    return true;
  }

  update(first);
  return { layer, show, update, pins: () => pins };
}
