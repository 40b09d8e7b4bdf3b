// The map of a page: made from the frame of templates/includes/map.html and the options the page wrote as JSON.
//
//   const map = await openMap(frame, options)
//   map.leaflet            the L.Map                       map.say(text, "error")   a sentence under the map, read aloud
//   map.show({mode, …})    change the view (see paint.js)  map.fit([w, s, e, n])
//   map.onPlace(handler)   handler({lat, lon, byKey}) when a place is tapped, or Enter is pressed over the cross
//   map.takePlaces(f)      until the returned function is called, places go to f only (measuring, drawing)
//   map.onShow(handler)    handler(view) after every change of the view, until the returned function is called
//   map.second(urls, view) another layer of tiles over the same ground, null if it cannot be had (why was said), see second.js
//
// options: {bounds: [w, s, e, n], tiles: {base: url, version: url, overview: url}, lines: [{kind, colour, dash}], mode: "plan" | "now",
// symbols: see symbols.js, classes: {code: name} for labels}
import { fill, on } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { baseMaps, printLink } from "./basemap.js";
import { fullScreen } from "./full.js";
import { findHere } from "./here.js";
import { labelRulesFor } from "./labels.js";
import { L } from "./leaflet.js";
import { rulesFor } from "./paint.js";
import { secondLayer } from "./second.js";
import { openTiles } from "./tiles.js";
import { gentleGestures } from "./touch.js";

const part = (frame, name) => frame.querySelector(`[data-map-${name}]`);
const toBounds = ([west, south, east, north]) => [[south, west], [north, east]];

function makeLeaflet(box) {
  const map = L.map(box, { zoomControl: false, attributionControl: false, minZoom: 9, maxZoom: 19, zoomSnap: 0.25, keyboardPanDelta: 60, tapHold: false });
  L.control.zoom({ position: "topright", zoomInTitle: t("Zoom in"), zoomOutTitle: t("Zoom out") }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  box.setAttribute("role", "application"); // arrow keys belong to the map, also for screen readers
  return map;
}

/** Fits the map now, and again whenever its box gets another size before anybody moved it. */
function stayFitted(leaflet, fit) {
  let home = null;
  const isHome = () => leaflet.getZoom() === home.zoom && leaflet.getCenter().equals(home.center, 1e-7);
  const go = () => {
    fit();
    home = { zoom: leaflet.getZoom(), center: leaflet.getCenter() };
  };
  const resized = () => {
    const box = leaflet.getContainer();
    const { x, y } = leaflet.getSize();
    if (x === box.clientWidth && y === box.clientHeight) return;
    const [again, center] = [isHome(), leaflet.getCenter()];
    leaflet.invalidateSize({ pan: false });
    if (again) go();
    else leaflet.setView(center, leaflet.getZoom(), { animate: false }); // panning by half pixels would walk away
  };
  go();
  if (window.ResizeObserver) new ResizeObserver(resized).observe(leaflet.getContainer());
  else on(window, "resize", resized);
}

function places(leaflet) {
  const handlers = [];
  let taker = null;
  const tell = (place) => (taker ? taker(place) : handlers.forEach((handler) => handler(place)));
  leaflet.on("click", ({ latlng }) => tell({ lat: latlng.lat, lon: latlng.lng, byKey: false }));
  on(leaflet.getContainer(), "keydown", (event) => {
    if (event.key !== "Enter" || event.target !== leaflet.getContainer()) return;
    event.preventDefault();
    const { lat, lng } = leaflet.getCenter();
    tell({ lat, lon: lng, byKey: true });
  });
  return {
    onPlace: (handler) => handlers.push(handler),
    takePlaces(handler) {
      taker = handler;
      return () => (taker = taker === handler ? null : taker);
    },
  };
}

function locate(button, map) {
  let here = null;
  on(button, "click", async () => {
    here = await findHere(map, here);
  });
}

function switches(frame, map) {
  const buttons = frame.querySelectorAll("[data-map-mode]");
  buttons.forEach((button) => on(button, "click", () => map.show({ mode: button.dataset.mapMode })));
  map.onShow(({ mode }) => buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.mapMode === mode))));
  on(part(frame, "lines"), "change", (event) => map.show({ withLines: event.target.checked }));
  on(part(frame, "conflicts"), "change", (event) => map.show({ conflicts: event.target.checked }));
}

/** Legends of a mode are shown with it: [data-legend-of="plan"]. */
function showLegends(mode) {
  document.querySelectorAll("[data-legend-of]").forEach((legend) => (legend.hidden = legend.dataset.legendOf !== mode));
}

export async function openMap(frame, options) {
  const status = part(frame, "status");
  const say = (text, level = "") => {
    fill(status, [text]);
    status.dataset.level = level;
  };
  if (!L) {
    say(t("This map needs a newer browser. The list view says the same without a map."), "error");
    return null;
  }
  say(t("Loading the map…"));
  const leaflet = makeLeaflet(part(frame, "box"));
  const fit = (bounds, extra) => leaflet.fitBounds(toBounds(bounds), { padding: [12, 12], animate: false, ...extra });
  stayFitted(leaflet, () => fit(options.bounds));
  let settle = () => {};
  const fullButton = part(frame, "full");
  const full = fullScreen(frame, fullButton, (isFull) => {
    fill(fullButton.querySelector("[data-text]"), [isFull ? t("Leave full screen") : t("Full screen")]);
    leaflet.invalidateSize();
    settle();
  });
  settle = gentleGestures(leaflet, part(frame, "hint"), full.isFull);

  const view = {
    mode: options.mode || "plan", withLines: true, conflicts: true, lines: options.lines || [], off: [], on: [],
    symbols: options.symbols, classes: options.classes, zone: null, village: null, found: null, chosen: null, marked: options.marked || null,
  };
  const seen = (sources) => ({ ...view, sources, lines: view.withLines ? view.lines : [] });
  const rules = (sources) => rulesFor(seen(sources));
  const labels = (sources) => labelRulesFor(seen(sources));
  const listeners = new Set();
  const ready = options.ready || t("The map is ready. Tap a place to read what is planned there.");
  const incomplete = () => say(t("Part of the map could not be loaded. Check the connection and try again."), "error");
  let trouble = false;
  const lacking = new Set(); // layers with tiles that did not come
  const tellMissing = (who) => (count) => {
    if (count) lacking.add(who);
    else lacking.delete(who);
    if (lacking.size) incomplete();
    else say(ready);
  };
  const { layer, sets } = await openTiles(options.tiles, rules, {
    labels,
    known: options.sets,
    onProblem() {
      trouble = true;
      incomplete();
    },
    onMissing: tellMissing("own"),
  });
  let under = () => {}; // lays the base map under a further map
  const map = {
    leaflet, say, fit, full, view, bounds: options.bounds,
    ...places(leaflet),
    async second(urls, other, where, name) {
      if (where) under(where);
      const made = await secondLayer(where || leaflet, urls, { ...view, ...other }, { onProblem: (error) => say(error.message, "error"), onMissing: tellMissing(urls) }, name);
      if (!made) return null;
      const leave = map.onShow(({ ground }) => made.show({ ground }));
      return { ...made, remove: () => [leave, made.remove].forEach((end) => end()) };
    },
    onShow(handler) {
      listeners.add(handler);
      return () => listeners.delete(handler);
    },
    show(changes) {
      Object.assign(view, changes);
      showLegends(view.mode);
      listeners.forEach((handler) => handler(view));
      if (!layer) return;
      layer.paintRules = rules(Object.keys(sets));
      layer.labelRules = labels(Object.keys(sets));
      layer.clearLayout();
      layer.rerenderTiles();
    },
  };
  const picture = part(frame, "picture");
  if (layer) {
    if (picture) layer.once("load", () => picture.remove()); // it has no ground beneath it once the map moves
    layer.addTo(leaflet);
  } else if (picture) picture.remove();
  if (picture) leaflet.once("zoomstart movestart", () => picture.remove());
  showLegends(view.mode);
  switches(frame, map);
  locate(part(frame, "locate"), map);
  under = baseMaps(frame, map, options.basemaps);
  printLink(frame, map);
  if (!trouble) say(ready);
  return map;
}
