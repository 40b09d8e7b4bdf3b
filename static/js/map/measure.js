// Measuring on the ellipsoid: points by mouse, finger or Enter over the cross, the last one taken back by a button or Backspace.
import { el, icon } from "../lib/dom.js";
import { area, number } from "../lib/format.js";
import { t } from "../lib/words.js";
import { crossesItself } from "../draw/geometry.js";
import { areaOf, lengthOf } from "./geodesic.js";
import { L } from "./leaflet.js";

const LINE = { color: "#a3271d", weight: 4, dashArray: "8 5", fillColor: "#a3271d", fillOpacity: 0.18, interactive: false };
const DOT = { radius: 6, color: "#a3271d", weight: 3, fillColor: "#ffffff", fillOpacity: 1, interactive: false };

/** A length with its unit: whole metres up to a kilometre, then kilometres. */
export const length = (metres) => (metres < 1000 ? t("%(metres)s m", { metres: number(metres, metres < 100 ? 1 : 0) }) : t("%(km)s km", { km: number(metres / 1000, 3) }));

/** The figures of points in the language of the page. What crosses itself has no area that anybody means. */
export function figures(points, closed) {
  if (!closed) return t("Distance: %(length)s", { length: length(lengthOf(points)) });
  if (points.length < 3) return t("Distance: %(length)s", { length: length(lengthOf(points)) });
  if (crossesItself(points, true)) return t("The line crosses itself");
  const m2 = areaOf([points]);
  return t("Area: %(m2)s m², %(area)s; around it %(length)s", { m2: number(m2, m2 < 10000 ? 1 : 0), area: area(m2), length: length(lengthOf([...points, points[0]])) });
}

export function measureSection({ map, task, frame }) {
  function start(closed) {
    const points = [];
    const drawn = L.layerGroup().addTo(map.leaflet);
    const said = el("output", { class: "task-figure" }, closed ? t("Set at least three points.") : t("Set at least two points."));
    const box = map.leaflet.getContainer();
    let giveBack = null;

    function draw() {
      drawn.clearLayers();
      const places = points.map(([lon, lat]) => [lat, lon]);
      if (closed && points.length > 2) L.polygon(places, LINE).addTo(drawn);
      else if (points.length > 1) L.polyline(places, LINE).addTo(drawn);
      for (const place of places) L.circleMarker(place, DOT).addTo(drawn);
      said.textContent = points.length > 1 ? figures(points, closed) : t("Points: %(count)s", { count: points.length });
    }

    function add({ lon, lat }) {
      points.push([lon, lat]);
      draw();
    }

    function back() {
      points.pop();
      draw();
    }

    const middle = () => {
      const { lng, lat } = map.leaflet.getCenter();
      add({ lon: lng, lat });
    };

    function keys(event) {
      if (event.key === "Backspace" || event.key === "Delete") back();
      else if (event.key === "Escape" && !map.full.isFull()) task.clear();
      else return;
      event.preventDefault();
    }

    function stop() {
      giveBack();
      drawn.remove();
      box.removeEventListener("keydown", keys);
      frame.classList.remove("map-frame--measuring");
      box.focus({ preventScroll: true });
    }

    const button = (text, onclick, sign) => el("button", { type: "button", class: "btn btn-outline-primary btn-sm", onclick }, sign && icon(sign), text);
    task.show(stop, said, el("span", { class: "row-wrap" }, button(t("Point at the cross"), middle, "locate"), button(t("Undo the last point"), back, "history"), button(t("Stop measuring"), task.clear, "close")));
    giveBack = map.takePlaces(add);
    box.addEventListener("keydown", keys);
    frame.classList.add("map-frame--measuring");
    map.closeTools();
    map.say(t("Tap points on the map, or press Enter to set one at the cross and Backspace to take the last one back."));
    box.scrollIntoView({ block: "nearest" });
    box.focus({ preventScroll: true });
  }

  const node = el("div", {}, el("p", { class: "soft small" }, t("Measured on the ellipsoid of CGCS2000.")), el("p", { class: "row-wrap" },
    el("button", { type: "button", class: "btn btn-outline-primary", onclick: () => start(false) }, t("Measure a distance")),
    el("button", { type: "button", class: "btn btn-outline-primary", onclick: () => start(true) }, t("Measure an area"))));
  return { title: t("Measure"), node };
}
