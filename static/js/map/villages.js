// The map of all outlines: a tapped village says its name and leads to its page.
import { readJson } from "../lib/dom.js";
import { openMap } from "./map.js";
import { placePanel } from "./place.js";

export async function startVillages() {
  const frame = document.querySelector("[data-map]");
  if (!frame) return;
  const options = readJson(frame.dataset.map);
  const map = await openMap(frame, options);
  if (!map) return;
  placePanel(map, frame.querySelector("[data-map-panel]"), { url: options.identify, villageUrl: (code) => options.villageUrl.replace("000000000000", code) });
}
