// What became of a plan file: watches the check, links the table of issues with the map.
import { lookAgain } from "../lib/again.js";
import { byId, on, readJson } from "../lib/dom.js";
import { showJob } from "../lib/progress.js";
import { openMap } from "../map/map.js";
import { drawShapes } from "../map/shapes.js";
import { linkRows } from "../staff/link_rows.js";

const RELOAD = 4000; // whoever may not ask for the job looks again
const COLOURS = { error: "#c1121f", warning: "#b06000", place: "#1a5580", before: "#7a4b00", after: "#1c5d41" };

const watched = document.querySelector("[data-job]");
if (watched) {
  const stop = showJob(watched, () => window.location.reload());
  on(window, "beforeunload", stop); // whoever goes on to another page is not called back
}
lookAgain("[data-reload]", RELOAD);

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

/** A list of choices beside a map of their own: where the file would lie, or what a repair would change. */
async function startChoices(frame, { shapes: source, rows: selector, attribute, colour }) {
  const map = await openMap(frame, readJson(frame.dataset.map));
  if (!map) return;
  const list = document.querySelectorAll(selector);
  const rows = linkRows(list, (row) => row.dataset[attribute], (id) => shapes.choose(id), { byButtonOnly: true });
  const shapes = drawShapes(map, readJson(source), {
    id: (feature) => feature.properties.number,
    colour,
    onClick(id) {
      shapes.choose(id);
      rows.choose(id, { reveal: true });
    },
  });
  list.forEach((row) => on(row, "change", () => {
    rows.choose(row.dataset[attribute]);
    shapes.choose(row.dataset[attribute]);
  }));
}

const STARTS = {
  "map-options": start,
  "place-options": (frame) => startChoices(frame, { shapes: "place-shapes", rows: "[data-place]", attribute: "place", colour: () => COLOURS.place }),
  "repair-options": (frame) => startChoices(frame, { shapes: "repair-shapes", rows: "[data-change]", attribute: "change", colour: (feature) => COLOURS[feature.properties.side] }),
};
document.querySelectorAll("[data-map]").forEach((frame) => STARTS[frame.dataset.map](frame));
