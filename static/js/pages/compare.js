// The comparison of two versions: one map with both plans, cut at a border that moves; a row leads to its place.
import { byId, readJson, scrollTo } from "../lib/dom.js";
import { openMap } from "../map/map.js";
import { swipe } from "../map/swipe.js";
import { linkRows } from "../staff/link_rows.js";

async function start(frame) {
  const options = readJson(frame.dataset.map);
  const map = await openMap(frame, options);
  if (!map) return;
  map.show({ conflicts: false });
  const before = await map.second(options.before, { mode: "plan" });
  if (before) swipe(map.leaflet, { left: before.pane, right: map.leaflet.getPane("tilePane") }, byId("swipe"), frame.querySelector("[data-swipe-border]"));
  else frame.querySelectorAll("[data-swipe-border], .swipe-foot, .swipe-side").forEach((part) => part.remove()); // one plan is no comparison

  const places = readJson("places");
  const phone = window.matchMedia("(max-width: 61.99rem)");
  linkRows(document.querySelectorAll("[data-change]"), (row) => row.dataset.change, (key) => {
    const { box, old, new: now } = places[key];
    map.show({ zone: now });
    if (before) before.show({ zone: old });
    map.fit(box, { maxZoom: 18, padding: [40, 40] });
    if (phone.matches) scrollTo(byId("map-place"));
  }, { byButtonOnly: true });
}

const frame = document.querySelector("[data-map]");
if (frame) start(frame);
