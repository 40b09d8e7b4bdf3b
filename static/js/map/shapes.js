// Small GeoJSON layers that one can point at: issues of an upload, findings of a version.
//
//   const shapes = drawShapes(map, collection, {id: (f) => f.properties.number, colour: (f) => "#c1121f", onClick(id, feature)})
//   shapes.choose(id)   highlight and go there; false if it has no place      shapes.bounds()  [w, s, e, n] or null
//   shapes.add(collection)   shapes that are asked for later; shapes.has(id)
import { L } from "./leaflet.js";
import { RED } from "./paint.js";

const STYLE = { weight: 2.5, fillOpacity: 0.25, opacity: 1 };
const CHOSEN = { weight: 6, fillOpacity: 0.5 };
const MANY = 300; // from here on they are painted on one canvas: a thousand SVG paths make a map stick

export function drawShapes(map, collection, { id, colour = () => RED, onClick } = {}) {
  const layers = new Map();
  let chosen = null;
  const style = (feature) => ({ ...STYLE, color: colour(feature), fillColor: colour(feature) });
  const withPlace = ({ features }) => ({ type: "FeatureCollection", features: features.filter((f) => f.geometry) });
  const group = L.geoJSON(withPlace(collection), {
    style,
    ...(collection.features.length > MANY ? { renderer: L.canvas({ padding: 0.3 }) } : {}),
    pointToLayer: (feature, latlng) => L.circleMarker(latlng, { ...style(feature), radius: 9 }),
    onEachFeature(feature, layer) {
      layers.set(String(id(feature)), layer);
      if (onClick) layer.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        onClick(id(feature), feature);
      });
    },
  }).addTo(map.leaflet);

  function choose(wanted) {
    if (chosen) chosen.setStyle(style(chosen.feature));
    chosen = layers.get(String(wanted)) || null;
    if (!chosen) return false;
    chosen.setStyle(CHOSEN);
    chosen.bringToFront();
    if (chosen.getBounds) map.leaflet.fitBounds(chosen.getBounds(), { maxZoom: 18, padding: [40, 40] });
    else map.leaflet.setView(chosen.getLatLng(), Math.max(map.leaflet.getZoom(), 17));
    return true;
  }

  function bounds() {
    const box = group.getBounds();
    return box.isValid() ? [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()] : null;
  }

  return { choose, bounds, has: (wanted) => layers.has(String(wanted)), add: (more) => group.addData(withPlace(more)), remove: () => group.remove() };
}
