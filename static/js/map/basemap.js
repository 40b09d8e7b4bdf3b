// Base maps under the portal's own map (portal/basemaps.py): the switch, what must be said of each, and what happens if one does
// not answer. Without any the map is the portal's own drawing, and a sentence says so.
//
// maps: [{id, name, layers: [{url, subdomains}], max_zoom, shifted, attribution, approval}]
import { el, fill, on } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { toGcj02 } from "./gcj02.js";
import { L } from "./leaflet.js";

const KEPT = "basemap"; // the choice of this device
const PATIENCE = 4; // tiles that fail before the first one comes
const OVER = "map--over-base"; // what a map is called over a base map: its plans are seen through (basemap.css)

function remembered() {
  try {
    return localStorage.getItem(KEPT) || "";
  } catch {
    return ""; // private windows may refuse; the choice then holds for this page
  }
}

function remember(id) {
  try {
    localStorage.setItem(KEPT, id);
  } catch {
    // see above
  }
}

/** Tiles of a map in GCJ-02, moved so that the middle of the map is right; farther away it is off by metres. */
function shiftedLayer() {
  const moved = (center) => {
    const [lon, lat] = toGcj02(center.lng, center.lat);
    return L.latLng(lat, lon);
  };
  const plain = L.TileLayer.prototype;
  return L.TileLayer.extend({
    _setZoomTransform(level, center, zoom) {
      plain._setZoomTransform.call(this, level, moved(L.latLng(center)), zoom);
    },
    _getTiledPixelBounds(center) {
      return plain._getTiledPixelBounds.call(this, moved(L.latLng(center)));
    },
  });
}

function layersOf(chosen, pane) {
  const Layer = chosen.shifted ? shiftedLayer() : L.TileLayer;
  return chosen.layers.map(({ url, subdomains }) => {
    const tms = url.includes("{-y}");
    // services check for whom a key was given by the name of the site alone
    return new Layer(url.replace("{-y}", "{y}"), { subdomains, pane, tms, maxNativeZoom: chosen.max_zoom, maxZoom: 20, referrerPolicy: "origin" });
  });
}

/** What stands under the map while a base map is shown. */
function said(chosen) {
  const parts = [t("Base map: %(source)s", { source: chosen.attribution })];
  if (chosen.approval) parts.push(t("Map approval number: %(number)s", { number: chosen.approval }));
  if (chosen.shifted) parts.push(t("This base map is in GCJ-02 and was shifted to fit the middle of the view: not for measuring."));
  return parts.join(" · ");
}

/** The ground under one Leaflet map: lay(chosen) -> its layers; lay(null) takes it away. */
function groundOf(leaflet) {
  leaflet.createPane("basemap").style.zIndex = 150; // under the tiles
  let layers = [];
  return {
    lay(chosen) {
      layers.forEach((layer) => layer.remove());
      layers = chosen ? layersOf(chosen, "basemap") : [];
      leaflet.getContainer().classList.toggle(OVER, Boolean(chosen));
      layers.forEach((layer) => layer.addTo(leaflet));
      return layers;
    },
  };
}

/** Put the switch into [data-map-basemaps] of the frame; returns what lays the chosen ground under a further Leaflet map as well. */
export function baseMaps(frame, map, maps) {
  const place = frame.querySelector("[data-map-basemaps]");
  if (!place || !maps) return () => {};
  place.hidden = false;
  if (!maps.length) {
    fill(place, [el("p", { class: "soft" }, t("No base map is set: the map shows the portal’s own data only."))]);
    return () => {};
  }
  const own = groundOf(map.leaflet);
  const others = new Set();
  let now = null;
  const note = el("p", { class: "soft", role: "status" });
  const options = [{ id: "", name: t("None") }, ...maps].map(({ id, name }) => el("option", { value: id }, name));
  const id = `basemap-${document.querySelectorAll("select[id^=basemap-]").length}`; // some pages have several maps
  const select = el("select", { class: "form-select", id }, ...options);

  /** The villages around lose their fill over a base map; nothing is drawn anew where that changes nothing. */
  const ground = (on) => Boolean(map.view.ground) !== on && map.show({ ground: on });

  function show(id) {
    const chosen = maps.find((one) => one.id === id) || null;
    now = chosen;
    select.value = chosen ? id : "";
    fill(note, [chosen ? said(chosen) : ""]);
    ground(Boolean(chosen));
    const [lowest] = own.lay(chosen);
    others.forEach((other) => other.lay(chosen));
    if (!chosen) return;
    let failed = 0;
    let came = false;
    lowest.on("tileload", () => (came = true));
    lowest.on("tileerror", () => {
      failed += 1;
      if (came || failed < PATIENCE) return;
      show("");
      fill(note, [t("%(name)s does not answer. The map goes on without it.", { name: chosen.name })]);
    });
  }

  on(select, "change", () => {
    remember(select.value);
    show(select.value);
  });
  fill(place, [el("span", { class: "map-base__choice" }, el("label", { for: id }, t("Base map")), select), note]);
  show(remembered());
  return function under(leaflet) {
    const other = groundOf(leaflet);
    other.lay(now);
    others.add(other);
    leaflet.on("unload", () => others.delete(other));
  };
}

/** The link that prints the map takes the view along, once somebody went nearer than the whole village. */
export function printLink(frame, map) {
  const link = frame.querySelector("a[data-map-print]");
  if (!link) return;
  const plain = link.getAttribute("href");
  const [west, south, east, north] = map.bounds;
  const whole = L.latLngBounds([south, west], [north, east]);
  const update = () => {
    const seen = map.leaflet.getBounds();
    link.href = seen.contains(whole) ? plain : `${plain}?bbox=${seen.toBBoxString().split(",").map((part) => Number(part).toFixed(6)).join(",")}`;
  };
  map.leaflet.on("moveend", update);
  update();
}
