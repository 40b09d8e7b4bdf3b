// Asks for the first tiles of a map while its scripts are still on their way: half a second on a slow line.
import { readJson } from "../lib/dom.js";
import { firstTiles } from "../map/first.js";

const frame = document.querySelector("[data-map]");
const box = frame && frame.querySelector("[data-map-box]");
const options = frame && readJson(frame.dataset.map);
if (box && options && options.sets) {
  window.firstTiles = {};
  for (const address of firstTiles(options, box.clientWidth, box.clientHeight)) {
    window.firstTiles[address] = fetch(address, { credentials: "same-origin" }).catch(() => null);
  }
}
