// Drawing the area a comment is about: corners by taps, clicks or Enter at the cross; shown live, with its size in 亩.
import { el, icon } from "../lib/dom.js";
import { M2_PER_MU, number } from "../lib/format.js";
import { t } from "../lib/words.js";
import { sketch } from "../draw/sketch.js";
import { areaOf } from "../map/geodesic.js";
import { L } from "../map/leaflet.js";
import { taskOf } from "../map/task.js";

const SAME = 26; // pixels: a tap on the first corner, or on the last one again, ends the area
const LOOK = { color: "#a3271d", weight: 4, fillColor: "#a3271d", fillOpacity: 0.2, interactive: false };
const DOT = { radius: 7, color: "#a3271d", weight: 3, fillColor: "#ffffff", fillOpacity: 1, interactive: false };

/** The size of a ring as people here say it: 亩 first. */
export function sizeOf(ring) {
  const m2 = areaOf([ring]);
  return t("%(mu)s mu (%(m2)s m²)", { mu: number(m2 / M2_PER_MU, m2 < 6667 ? 2 : 1), m2: number(m2, 0) });
}

/** What was drawn, as a layer on the map: {remove(), bounds()}. */
export function drawn(map, geometry) {
  return L.geoJSON(geometry, { style: LOOK, interactive: false }).addTo(map.leaflet);
}

/** Draw on the map of a page; onDone(geometry) with a GeoJSON polygon, onCancel() without. */
export function drawArea(map, frame, { onDone, onCancel }) {
  const { leaflet } = map;
  const task = taskOf(frame, map);
  const box = leaflet.getContainer();
  const shape = sketch("area");
  const layer = L.layerGroup().addTo(leaflet);
  const size = el("output", { class: "task-figure" });
  let done = false;

  const button = (text, sign, onclick, primary) => el("button", { type: "button", class: `btn ${primary ? "btn-primary" : "btn-outline-primary"}`, onclick }, icon(sign), text);
  const finish = button(t("Finish the area"), "ok", end, true);
  const undo = button(t("Undo the last corner"), "history", back);
  const cross = button(t("Corner at the cross"), "locate", middle);
  const cancel = button(t("Stop drawing"), "close", () => task.clear());

  function show() {
    const corners = shape.corners();
    const places = corners.map(([lon, lat]) => [lat, lon]);
    layer.clearLayers();
    if (places.length > 2) L.polygon(places, LOOK).addTo(layer);
    else if (places.length > 1) L.polyline(places, LOOK).addTo(layer);
    for (const place of places) L.circleMarker(place, DOT).addTo(layer);
    finish.disabled = !shape.isWhole();
    undo.disabled = !corners.length;
    const left = 3 - corners.length;
    size.textContent = left > 0 ? t("Corners: %(count)s. Set at least three.", { count: corners.length }) : t("Area: %(size)s", { size: sizeOf(corners) });
  }

  const isAt = (corner, lon, lat) => leaflet.latLngToContainerPoint([corner[1], corner[0]]).distanceTo(leaflet.latLngToContainerPoint([lat, lon])) < SAME;

  function add({ lon, lat }) {
    const corners = shape.corners();
    const ends = corners.length && (isAt(corners[0], lon, lat) || isAt(corners[corners.length - 1], lon, lat));
    if (ends && shape.isWhole()) end();
    else if (!ends && !shape.add([lon, lat])) size.textContent = t("The line would cross itself there. Set the corner elsewhere.");
    else if (!ends) show();
  }

  function middle() {
    const { lng, lat } = leaflet.getCenter();
    add({ lon: lng, lat });
  }

  function back() {
    shape.back();
    show();
    if (undo.disabled) box.focus({ preventScroll: true });
  }

  function end() {
    if (!shape.isWhole()) return;
    done = true;
    task.clear();
  }

  function keys(event) {
    if (event.key === "Backspace" || event.key === "Delete") back();
    else if (event.key === "Escape" && !map.full.isFull()) task.clear();
    else return;
    event.preventDefault();
  }

  /** The bar was cleared: the area is finished, given up, or another tool took the map. */
  function stop() {
    giveBack();
    layer.remove();
    box.removeEventListener("keydown", keys);
    frame.classList.remove("map-frame--measuring");
    leaflet.doubleClickZoom.enable();
    map.full.leave();
    map.say("");
    if (done) onDone(shape.geometry());
    else onCancel();
  }

  task.show(stop, size, el("span", { class: "task-buttons" }, finish, undo, cross, cancel));
  const giveBack = map.takePlaces(add);
  box.addEventListener("keydown", keys);
  frame.classList.add("map-frame--measuring");
  leaflet.doubleClickZoom.disable();
  if (map.closeTools) map.closeTools();
  if (map.closePlace) map.closePlace();
  show();
  map.say(t("Tap the corners of the area on the map, one after the other. With the keyboard: move the map with the arrows, Enter sets a corner at the cross, Backspace takes the last one back."));
  frame.querySelector("[data-map-task]").scrollIntoView({ block: "end" });
  box.focus({ preventScroll: true });
}
