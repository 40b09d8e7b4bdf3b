// Drawing an area to follow: corners by finger, mouse, or Enter over the cross; the form takes the outline.
import { on, readJson } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { sketch } from "../draw/sketch.js";
import { L } from "../map/leaflet.js";
import { openMap } from "../map/map.js";
import { figures } from "../map/measure.js";

const LINE = { color: "#a3271d", weight: 4, dashArray: "8 5", fillColor: "#a3271d", fillOpacity: 0.18, interactive: false };
const DOT = { radius: 7, color: "#a3271d", weight: 3, fillColor: "#ffffff", fillOpacity: 1, interactive: false };
const KNOWN = { color: "#1f5f3f", weight: 3, fillOpacity: 0.08, interactive: false };

const turned = ([lon, lat]) => [lat, lon];

function drawing(map, form) {
  const area = sketch("area");
  const drawn = L.layerGroup().addTo(map.leaflet);
  const said = form.querySelector("[data-area-said]");
  const field = form.elements.area;

  function show() {
    const corners = area.corners();
    const places = corners.map(turned);
    drawn.clearLayers();
    if (places.length > 2) L.polygon(places, LINE).addTo(drawn);
    else if (places.length > 1) L.polyline(places, LINE).addTo(drawn);
    for (const place of places) L.circleMarker(place, DOT).addTo(drawn);
    const whole = area.isWhole();
    field.value = whole ? JSON.stringify(area.geometry()) : "";
    if (!corners.length) said.textContent = t("No corner is set yet.");
    else if (corners.length < 3) said.textContent = t("Corners: %(count)s; set at least three.", { count: corners.length });
    else if (!whole) said.textContent = t("The outline crosses itself: take the last corner back.");
    else said.textContent = figures(corners, true);
  }

  function add({ lon, lat }) {
    if (area.add([lon, lat])) map.say("");
    else map.say(t("The outline would cross itself there. Choose another place."), "error");
    show();
  }

  function back() {
    area.back();
    show();
  }

  return { add, back, show };
}

async function start() {
  const frame = document.querySelector("[data-map]");
  const form = document.querySelector("[data-area-form]");
  const options = readJson(frame.dataset.map);
  const map = await openMap(frame, options);
  if (!map) return;
  for (const { shape } of options.areas) L.geoJSON(shape, { style: KNOWN, interactive: false }).addTo(map.leaflet);
  const tool = drawing(map, form);
  map.takePlaces(tool.add);
  map.leaflet.doubleClickZoom.disable(); // two quick taps are two corners
  frame.classList.add("map-frame--measuring");
  on(form.querySelector("[data-area-back]"), "click", tool.back);
  on(form.querySelector("[data-area-middle]"), "click", () => {
    const { lng, lat } = map.leaflet.getCenter();
    tool.add({ lon: lng, lat });
  });
  on(map.leaflet.getContainer(), "keydown", (event) => {
    if (event.key !== "Backspace" && event.key !== "Delete") return;
    event.preventDefault();
    tool.back();
  });
  on(form, "submit", (event) => {
    if (form.elements.area.value) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // it was not sent: the next press is no second one
    map.say(t("Please set at least three corners on the map first."), "error");
    frame.scrollIntoView({ block: "nearest" });
  }, true);
}

start();
