// The page of a village: its land in the base year.
import { readJson } from "../lib/dom.js";
import { showHamlets } from "../map/hamlets.js";
import { openMap } from "../map/map.js";
import { placePanel } from "../map/place.js";
import { withTools } from "../map/toolbox.js";

async function start() {
  const frame = document.querySelector("[data-map]");
  const options = readJson(frame.dataset.map);
  const map = await openMap(frame, options);
  if (!map) return;
  placePanel(map, frame.querySelector("[data-map-panel]"), { url: options.identify });
  withTools(map, frame, options);
  showHamlets(map, options.hamlets);
}

start();
