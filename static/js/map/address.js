// The address remembers the map: #map=16.25/36.10512/116.80501&mode=now&off=projects&zone=9 restores the view for whoever gets it.
// Only what differs from the page as it opens is written. Anything else behind # (#comments) is left alone.
import { on } from "../lib/dom.js";

const WORDS = { mode: /^(plan|now|none)$/, with: /^(now|[a-z0-9]{12})$/, how: /^(swipe|sides)$/, code: /^\d{1,6}$/, state: /^(conflict|changed)$/ };
const NUMBERS = ["zone", "from", "to"];
const LISTS = ["off", "on"];
const TOOLS = ["with", "how", "code", "from", "to", "state"]; // what the layers and tools remember
const KEY = /^[A-Za-z]{1,12}$/;

/** The state that an address holds, null if it holds none. What cannot be read is left out. */
export function parse(hash) {
  if (!/^#map=/.test(hash)) return null;
  const given = new URLSearchParams(hash.slice(1));
  const [zoom, lat, lon] = given.get("map").split("/").map(Number);
  const state = {};
  if ([zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 90 && Math.abs(lon) <= 180) state.view = { zoom, lat, lon };
  for (const name of Object.keys(WORDS)) if (WORDS[name].test(given.get(name) || "")) state[name] = given.get(name);
  for (const name of NUMBERS) {
    const value = Number.parseFloat(given.get(name));
    if (Number.isFinite(value) && value >= 0) state[name] = value;
  }
  for (const name of LISTS) {
    const keys = (given.get(name) || "").split(",").filter((key) => KEY.test(key));
    if (keys.length) state[name] = keys;
  }
  return state;
}

/** The address of a state; "" if there is nothing to remember. */
export function format({ view, ...rest }) {
  const parts = [];
  for (const name of ["mode", "zone", ...LISTS, ...TOOLS]) {
    const value = [].concat(rest[name] === undefined || rest[name] === null ? [] : rest[name]).join(",");
    if (value !== "") parts.push(`${name}=${value}`);
  }
  const place = view ? `${Number(view.zoom.toFixed(2))}/${view.lat.toFixed(5)}/${view.lon.toFixed(5)}` : "";
  return place ? `#map=${[place, ...parts].join("&")}` : "";
}

const same = (a, b) => a.zoom === b.zoom && Math.abs(a.lat - b.lat) < 1e-5 && Math.abs(a.lon - b.lon) < 1e-5;

/**
 * followAddress(map, mode): restores what the address says, and writes what changes from then on. `mode` is the one the page opens with.
 * map.remember({code: "07", …}) adds what the tools remember; map.remembered is what the address said last, and map.onRemembered(handler)
 * tells when it says something else: a link that was opened in the tab where the page already is.
 */
export function followAddress(map, mode) {
  const viewNow = () => {
    const { lat, lng } = map.leaflet.getCenter();
    return { zoom: map.leaflet.getZoom(), lat, lon: lng };
  };
  const home = viewNow();
  const given = parse(window.location.hash);
  const kept = {};
  const handlers = [];

  function state() {
    const { view } = map;
    const rest = { ...kept, off: view.off, on: view.on };
    if (view.mode !== mode) rest.mode = view.mode;
    if (typeof view.zone === "number") rest.zone = view.zone;
    return rest;
  }

  function write() {
    const rest = state();
    const changed = !same(viewNow(), home) || format({ view: home, ...rest }) !== format({ view: home });
    if (!changed && !/^#map=/.test(window.location.hash)) return;
    const { pathname, search } = window.location;
    window.history.replaceState(window.history.state, "", changed ? format({ view: viewNow(), ...rest }) : pathname + search);
  }

  function restore(wanted) {
    const { view, off = [], on: further = [], zone = null, mode: shown = mode } = wanted;
    map.remembered = wanted;
    for (const name of TOOLS) kept[name] = wanted[name]; // until the tools are there and say what holds
    if (view) map.leaflet.setView([view.lat, view.lon], view.zoom, { animate: false });
    map.show({ mode: shown, off, on: further, zone });
  }

  map.remembered = {};
  map.onRemembered = (handler) => handlers.push(handler);
  map.remember = (changes) => {
    Object.assign(kept, changes);
    write();
  };
  map.link = () => window.location.href.split("#")[0] + format({ view: viewNow(), ...state() });
  if (given) restore(given);
  map.leaflet.on("moveend", write);
  map.onShow(write);
  on(window, "hashchange", () => {
    const wanted = parse(window.location.hash);
    if (!wanted) return;
    restore(wanted);
    handlers.forEach((handler) => handler());
  });
}
