// The comparison of two versions: one map with both plans, cut at a border that moves; a row leads to its place.
import { byId, readJson, scrollTo } from "../lib/dom.js";
import { openMap } from "../map/map.js";
import { rulesFor } from "../map/paint.js";
import { swipe } from "../map/swipe.js";
import { openTiles } from "../map/tiles.js";
import { linkRows } from "../staff/link_rows.js";

/** The older plan, in a pane of its own that lies where the newer one's tiles lie. */
async function older(map, options) {
  const rules = (zone) => (sources) => rulesFor({ mode: "plan", conflicts: false, sources, lines: options.lines || [], zone });
  const pane = map.leaflet.createPane("before");
  pane.style.zIndex = 200;
  const { layer, sets } = await openTiles(options.before, rules(null), { onProblem: (error) => map.say(error.message, "error"), onMissing() {} });
  if (layer) {
    layer.options.pane = "before";
    layer.addTo(map.leaflet);
  }
  return {
    pane,
    mark(zones) {
      if (!layer) return;
      layer.paintRules = rules(zones)(Object.keys(sets));
      layer.rerenderTiles();
    },
  };
}

async function start(frame) {
  const options = readJson(frame.dataset.map);
  const map = await openMap(frame, options);
  if (!map) return;
  map.show({ conflicts: false });
  const before = await older(map, options);
  swipe(map.leaflet, { left: before.pane, right: map.leaflet.getPane("tilePane") }, byId("swipe"), frame.querySelector("[data-swipe-border]"));

  const places = readJson("places");
  const phone = window.matchMedia("(max-width: 61.99rem)");
  linkRows(document.querySelectorAll("[data-change]"), (row) => row.dataset.change, (key) => {
    const { box, old, new: now } = places[key];
    map.show({ zone: now });
    before.mark(old);
    map.fit(box, { maxZoom: 18, padding: [40, 40] });
    if (phone.matches) scrollTo(byId("map-place"));
  }, { byButtonOnly: true });
}

const frame = document.querySelector("[data-map]");
if (frame) start(frame);
