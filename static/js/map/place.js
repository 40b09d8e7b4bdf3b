// What the portal says about a place: asks the server, shows the sentences in the panel beside (or over) the map.
import { el, fill, icon, on, reducedMotion } from "../lib/dom.js";
import { getJson } from "../lib/request.js";
import { t } from "../lib/words.js";
import { placeCoordinates, placeLayers } from "./place_layers.js";

/**
 * placePanel(map, panel, {url, onComment, villageUrl}): `url` of the identify question, `onComment({lat, lon, zone})` for the button
 * (null: no button), `villageUrl(code)` when the map is about villages, not places: the answer is then the village and its page. Returns {close}.
 */
export function placePanel(map, panel, { url, onComment = null, villageUrl = null }) {
  const body = panel.querySelector("[data-panel-body]");
  const close = panel.querySelector("[data-panel-close]");
  const hint = Array.from(body.childNodes);
  let asked = 0;
  let byKey = false;

  function show(title, ...content) {
    if (map.closeTools) map.closeTools();
    panel.dataset.open = "";
    close.hidden = false;
    const heading = el("h2", { tabindex: "-1" }, title);
    fill(body, [heading, ...content]);
    panel.scrollTop = 0;
    if (byKey) heading.focus();
  }

  /** On a phone the panel lies over the foot of the screen: scroll the page until the tapped place is above it. */
  function uncover({ lat, lon }) {
    if (getComputedStyle(panel).position !== "fixed" || map.full.isFull()) return;
    const at = map.leaflet.latLngToContainerPoint([lat, lon]).y + map.leaflet.getContainer().getBoundingClientRect().top;
    const hidden = at + 60 - panel.getBoundingClientRect().top;
    if (hidden > 0) window.scrollBy({ top: hidden, behavior: reducedMotion() ? "auto" : "smooth" });
  }

  function shut() {
    delete panel.dataset.open;
    close.hidden = true;
    fill(body, hint);
    map.show({ zone: null, village: null, chosen: null });
    if (byKey || document.activeElement === document.body) map.leaflet.getContainer().focus({ preventScroll: true });
  }

  /** Before something is shown: on a phone the panel would lie over it. */
  function leave() {
    if (getComputedStyle(panel).position !== "fixed" && !map.full.isFull()) return;
    delete panel.dataset.open;
    const container = map.leaflet.getContainer();
    container.scrollIntoView({ block: "center" });
    container.focus({ preventScroll: true });
  }

  function answerVillage({ village }) {
    map.show({ village: village.code });
    map.say("");
    show(village.name, el("p", {}, el("a", { class: "btn btn-primary", href: villageUrl(village.code) }, t("Open the village page"))));
  }

  function answer(place, said) {
    const zone = said.planned ? said.planned.zone : null;
    const sentences = said.sentences && said.sentences.length ? said.sentences : [t("There is nothing on record for this place.")];
    map.show({ zone, village: said.village ? said.village.code : null, chosen: null });
    map.say("");
    show(
      zone ? t("Zone %(number)s", { number: zone }) : t("About this place"),
      el("ul", { class: "sentences" }, ...sentences.map((text) => el("li", {}, text))),
      onComment && said.village && el("button", { type: "button", class: "btn btn-primary", onclick: () => onComment({ lat: place.lat, lon: place.lon, zone }) }, icon("comment"), t("Comment on this place")),
      placeLayers(map, said, leave),
      placeCoordinates(map, place)
    );
    uncover(place);
  }

  async function ask(place) {
    asked += 1;
    const mine = asked;
    byKey = place.byKey;
    map.say(t("Looking up this place…"));
    try {
      const said = await getJson(`${url}?lon=${place.lon.toFixed(7)}&lat=${place.lat.toFixed(7)}`);
      if (mine !== asked) return;
      if (villageUrl) answerVillage(said);
      else answer(place, said);
    } catch (error) {
      if (mine !== asked) return;
      const nothing = error.status === 404; // a place outside: said in the panel, it is no fault
      map.say(nothing ? "" : t("This place could not be looked up: %(reason)s", { reason: error.message }), nothing ? "" : "error");
      if (nothing) show(t("About this place"), el("p", {}, error.message));
    }
  }

  map.onPlace(ask);
  map.closePlace = () => "open" in panel.dataset && shut();
  on(close, "click", shut);
  on(panel, "keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    shut();
  });
  return { close: shut };
}
