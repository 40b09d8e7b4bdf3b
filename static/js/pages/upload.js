// What became of a plan file: watches the check, links the table of issues with the map.
import { byId, on, readJson } from "../lib/dom.js";
import { showJob } from "../lib/progress.js";
import { openMap } from "../map/map.js";
import { drawShapes } from "../map/shapes.js";
import { linkRows } from "../staff/link_rows.js";

const RELOAD = 4000; // whoever may not ask for the job looks again
const COLOURS = { error: "#c1121f", warning: "#b06000" };

const watched = document.querySelector("[data-job]");
if (watched) {
  const stop = showJob(watched, () => window.location.reload());
  on(window, "beforeunload", stop); // whoever goes on to another page is not called back
}
if (document.querySelector("[data-reload]")) setTimeout(() => window.location.reload(), RELOAD);

async function start(frame) {
  const options = readJson("map-options");
  const collection = readJson("issue-shapes");
  const map = await openMap(frame, options);
  if (!map) return;
  const rows = linkRows(document.querySelectorAll("[data-issue]"), (row) => row.dataset.issue, (id) => shapes.choose(id));
  const shapes = drawShapes(map, collection, {
    id: (feature) => feature.properties.number,
    colour: (feature) => COLOURS[feature.properties.level],
    onClick(id) {
      shapes.choose(id);
      rows.choose(id, { reveal: true });
    },
  });
  on(byId("issues"), "keydown", (event) => event.key === "Escape" && rows.choose(null));
}

const frame = document.querySelector("[data-map]");
if (frame) start(frame);
