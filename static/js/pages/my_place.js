// "What changes at my place": a tap on the map asks about that place; the answer is a page of its own, to keep and to print.
import { readJson } from "../lib/dom.js";
import { mountAloud } from "../lib/aloud.js";
import { mountPosition } from "../lib/position.js";
import { showHamlets } from "../map/hamlets.js";
import { openMap } from "../map/map.js";
import { pin } from "../map/pins.js";

async function start() {
  mountPosition(document.querySelector("[data-position]"));
  mountAloud(document.querySelector("[data-aloud]"), document.querySelector("[data-aloud-text]"));
  const frame = document.querySelector("[data-map]");
  const options = readJson(frame.dataset.map);
  const map = await openMap(frame, options);
  if (!map) return;
  showHamlets(map, options.hamlets);
  if (options.place) {
    const { lon, lat, zone } = options.place;
    map.show({ zone });
    pin(lat, lon, "", { kind: "draft" }).addTo(map.leaflet);
  }
  map.onPlace(({ lat, lon }) => {
    window.location.href = `${options.here}?lon=${lon.toFixed(6)}&lat=${lat.toFixed(6)}#answer`;
  });
}

start();
