// Coordinates: where the middle of the map and the pointer are, and going to a place whose coordinates one has.
import { el, fill } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { read, written } from "./coordinates.js";
import { pin } from "./pins.js";
import { coordinateRows } from "./place_layers.js";

export function gotoSection({ map, phone }) {
  const middle = el("div");
  const pointer = el("p", { class: "soft small" });
  const field = el("input", { id: "map-goto", class: "form-control", autocomplete: "off", "aria-describedby": "map-goto-hint" });
  const fault = el("p", { class: "field-error", role: "alert" });
  let marker = null;

  function look() {
    const { lng, lat } = map.leaflet.getCenter();
    fill(middle, [coordinateRows(map, { lon: lng, lat })]);
  }

  map.leaflet.on("mousemove", ({ latlng }) => {
    if (!map.toolsOpen() || !middle.firstChild) return;
    const { decimal, plane } = written({ lon: latlng.lng, lat: latlng.lat });
    pointer.textContent = t("Pointer: %(degrees)s; %(plane)s", { degrees: decimal, plane });
  });

  function go(event) {
    event.preventDefault();
    const place = read(field.value, map.leaflet.getCenter().lng);
    fill(fault, place ? [] : [t("This is no place. Write longitude and latitude, or X and Y with the zone number before Y.")]);
    if (!place) {
      field.focus();
      return;
    }
    if (marker) marker.remove();
    marker = pin(place.lat, place.lon, "", { kind: "goto", title: field.value }).addTo(map.leaflet);
    map.leaflet.setView([place.lat, place.lon], Math.max(map.leaflet.getZoom(), 17), { animate: false });
    map.say(t("The map shows %(place)s.", { place: written(place).decimal }));
    if (phone.matches) map.closeTools();
  }

  const node = el("div", {}, el("h3", {}, t("Middle of the map")), middle, pointer,
    el("form", { onsubmit: go, novalidate: true }, el("label", { for: "map-goto" }, t("Go to coordinates")), field,
      el("p", { id: "map-goto-hint", class: "soft small" }, t("Such as 116.805, 36.105 or 116°48′18″E 36°06′18″N or X=3997540.1 Y=39482456.7")), fault,
      el("button", { type: "submit", class: "btn btn-outline-primary btn-sm" }, t("Go"))));
  return { title: t("Coordinates"), node, open: look, view: look };
}
