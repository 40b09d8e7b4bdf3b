// What would change if a comment were adopted: the draft, and beside it the draft with the change drawn over it.
import { byId, el, readJson } from "../lib/dom.js";
import { showJob } from "../lib/progress.js";
import { L } from "../map/leaflet.js";
import { openMap } from "../map/map.js";
import { together } from "../map/sides.js";
import { outline } from "../what_if/land.js";

const nameOf = (text) => el("span", { class: "map-side-name" }, text);

/** A second map beside the first that moves with it and shows the same tiles with the change over them. */
async function beside(map, frame, options) {
  const { before, after } = options.change;
  const stage = frame.querySelector(".map-stage");
  const box = el("div", { class: "map", role: "img", "aria-label": after });
  stage.after(el("div", { class: "map-stage map-stage--beside" }, box, nameOf(after)));
  stage.append(nameOf(before));
  frame.querySelector(".map-body").classList.add("map-body--pair");
  const other = L.map(box, { zoomControl: false, attributionControl: false, minZoom: 9, maxZoom: 19, zoomSnap: 0.25, keyboard: false, scrollWheelZoom: false, tapHold: false });
  if (!map.leaflet.dragging.enabled()) other.dragging.disable();
  const sameGround = () => {
    other.invalidateSize({ pan: false });
    other.setView(map.leaflet.getCenter(), map.leaflet.getZoom(), { animate: false });
  };
  map.leaflet.invalidateSize();
  map.fit(options.bounds);
  sameGround();
  await map.second(options.tiles, { mode: "plan" }, other);
  together(map.leaflet, other);
  outline(other, options.change);
  if (window.ResizeObserver) new ResizeObserver(sameGround).observe(box);
  sameGround();
}

async function start(frame) {
  const options = readJson(frame.dataset.map);
  const map = await openMap(frame, options);
  if (!map) return;
  map.show({ conflicts: false });
  outline(map.leaflet, { shape: options.change.shape });
  await beside(map, frame, options);
}

const frame = document.querySelector("[data-map]");
if (frame) start(frame);

const job = byId("what-if-job");
if (job && "watch" in job.dataset) showJob(job.querySelector("[data-job]"), () => window.location.reload());
