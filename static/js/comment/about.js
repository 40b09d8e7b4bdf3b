// What a comment is about: the choices of the form, the pin and the area on the map, each with its way to show or remove it.
import { el, fill, on } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { pin } from "../map/pins.js";
import { drawArea, drawn, sizeOf } from "./area.js";

/** aboutChooser(form, {map, frame, changed}): `map` is null where there is none; changed() after every choice. */
export function aboutChooser(form, { map, frame, changed }) {
  const part = (name) => form.querySelector(`[data-about-part=${name}]`);
  const node = (name) => form.querySelector(`[data-${name}]`);
  const { lon, lat, shape, zone, project } = form.elements;
  const choices = Array.from(form.querySelectorAll("[name=about]"));
  const empty = { pin: node("pinned-text").textContent, area: node("area-text").textContent };
  let [marker, layer] = [null, null];

  const about = () => choices.find((choice) => choice.checked).value;

  function choose(value) {
    for (const choice of choices) choice.checked = choice.value === value;
    for (const name of ["place", "area", "zone", "project"]) if (part(name)) part(name).hidden = name !== value;
    showPin();
    showArea();
  }

  function showPin() {
    if (marker) marker.remove();
    marker = null;
    const set = Boolean(lon.value && lat.value);
    const title = t("Pinned to the place you chose on the map.");
    if (set && map && about() === "place") marker = pin(Number(lat.value), Number(lon.value), "", { kind: "draft", title }).addTo(map.leaflet);
    const inZone = set && zone.value ? t("Pinned to the place you chose on the map, in zone %(number)s.", { number: zone.value }) : title;
    fill(node("pinned-text"), [set ? inZone : empty.pin]);
    node("unpin").hidden = !set;
  }

  function showArea() {
    if (layer) layer.remove();
    layer = null;
    const geometry = shape.value ? JSON.parse(shape.value) : null;
    if (geometry && map && about() === "area") layer = drawn(map, geometry);
    fill(node("area-text"), [geometry ? t("Your area on the map: %(size)s", { size: sizeOf(geometry.coordinates[0]) }) : empty.area]);
    node("undraw").hidden = !geometry;
  }

  /** A place of the map, with the zone that lies there. */
  function setPlace(place) {
    lon.value = place.lon.toFixed(7);
    lat.value = place.lat.toFixed(7);
    zone.value = place.zone || "";
    choose("place");
    changed();
  }

  function setArea(geometry) {
    shape.value = geometry ? JSON.stringify(geometry) : "";
    showArea();
    changed();
  }

  /** Fields hold something already: from the address, or from a draft. */
  function restore(value) {
    const given = [lon.value && lat.value && "place", shape.value && "area", project && project.value && "project", zone.value && "zone"];
    choose(value || given.find(Boolean) || "plan");
  }

  const backToForm = () => {
    form.scrollIntoView({ block: "start" });
    form.elements.text.focus({ preventScroll: true });
  };

  function askPlace() {
    frame.scrollIntoView({ block: "start" });
    map.say(t("Tap the place on the map, then press “Comment on this place”."));
    map.leaflet.getContainer().focus({ preventScroll: true });
  }

  function draw() {
    drawArea(map, frame, {
      onDone(geometry) {
        setArea(geometry);
        backToForm();
      },
      onCancel() {
        form.scrollIntoView({ block: "start" });
        node("draw").focus({ preventScroll: true });
      },
    });
  }

  choices.forEach((choice) => on(choice, "change", () => {
    choose(about());
    changed();
  }));
  on(node("unpin"), "click", () => {
    lon.value = lat.value = zone.value = "";
    showPin();
    changed();
    node("pin").focus();
  });
  on(node("undraw"), "click", () => {
    setArea(null);
    node("draw").focus();
  });
  if (map) {
    on(node("pin"), "click", askPlace);
    on(node("draw"), "click", draw);
  } else {
    choices.filter(({ value }) => value === "place" || value === "area").forEach((choice) => (choice.closest("label").hidden = true));
  }
  form.querySelector("[data-about]").hidden = false;
  return { about, restore, setPlace, setArea };
}

/** The offer to support one of the comments that say something about the same. */
export function offer(box, found, total, words, onShow) {
  box.hidden = !found.length;
  if (!found.length) {
    fill(box, []);
    return;
  }
  const rows = found.map((comment) => {
    const article = document.getElementById(`comment-${comment.id}`);
    const said = article && article.querySelector(".comment__text");
    return el("li", {}, el("span", {}, said ? said.textContent.slice(0, 80) : ""), " ", el("a", { href: `${article ? "" : `?comment=${comment.id}`}#comment-${comment.id}`, onclick: () => article && onShow(comment) }, t("Look at comment %(number)s", { number: comment.number })));
  });
  fill(box, [el("p", {}, el("strong", {}, words(total)), " ", t("You can support one of them instead, or go on writing.")), el("ul", { class: "plain-list lined" }, ...rows)]);
}
