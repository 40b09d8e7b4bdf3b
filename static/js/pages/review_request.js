// The page of one request for an opinion: a tapped place chooses the zone the opinion is about.
import { byId, readJson, scrollTo } from "../lib/dom.js";
import { openMap } from "../map/map.js";
import { placePanel } from "../map/place.js";

async function start() {
  const frame = document.querySelector("[data-map]");
  const options = readJson(frame.dataset.map);
  const map = await openMap(frame, options);
  if (!map) return;
  const form = byId("opinion-form");
  const panel = placePanel(map, frame.querySelector("[data-map-panel]"), {
    url: options.identify,
    onComment: form && function pinToZone({ zone }) {
      form.elements.zone.value = zone || "";
      map.full.leave();
      panel.close();
      scrollTo(form);
      form.elements.text.focus({ preventScroll: true });
    },
  });
}

start();
