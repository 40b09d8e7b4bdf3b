// The small map of where comments are about: zones by how many, a tap leads to what was said and done there.
import { byId, readJson, scrollTo } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { L } from "../map/leaflet.js";
import { openMap } from "../map/map.js";

async function start(frame) {
  const map = await openMap(frame, readJson(frame.dataset.map));
  if (!map) return;
  map.show({ conflicts: false });
  L.geoJSON(readJson("heard-zones"), {
    style: ({ properties }) => ({ color: "#ffffff", weight: 1.5, fillColor: properties.colour, fillOpacity: 0.85 }),
    onEachFeature({ properties: { number, count } }, layer) {
      layer.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        map.say(`${t("Zone %(number)s", { number })}: ${count}`);
        const place = byId(`zone-${number}`);
        if (place) scrollTo(place);
      });
    },
  }).addTo(map.leaflet);
}

const frame = document.querySelector("[data-map]");
if (frame) start(frame);
