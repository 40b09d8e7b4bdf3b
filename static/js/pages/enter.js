// Entering comments for others at a meeting: a tap on the map sets the place and its zone.
import { fill, on, readJson } from "../lib/dom.js";
import { keepWords, wordsStore } from "../lib/keep_words.js";
import { getJson } from "../lib/request.js";
import { t } from "../lib/words.js";
import { mountPhotos } from "../comment/photos.js";
import { openMap } from "../map/map.js";
import { pin } from "../map/pins.js";

const form = document.querySelector("[data-enter]");
const { lon, lat, zone } = form.elements;

/** The zone at a place, as the server says; empty if it cannot be asked. */
async function zoneAt(url, place) {
  try {
    const said = await getJson(`${url}?lon=${place.lon.toFixed(7)}&lat=${place.lat.toFixed(7)}`);
    return said.planned ? said.planned.zone : "";
  } catch {
    return "";
  }
}

function pinning(map, options) {
  const box = form.querySelector("[data-pinned]");
  let marker = null;
  const words = () => (zone.value
    ? t("Pinned to the place you chose on the map, in zone %(number)s.", { number: zone.value })
    : t("Pinned to the place you chose on the map."));

  function show() {
    if (marker) marker.remove();
    marker = null;
    const set = Boolean(lon.value && lat.value);
    if (set) marker = pin(Number(lat.value), Number(lon.value), "", { kind: "draft", title: t("Pinned to the place you chose on the map.") }).addTo(map.leaflet);
    if (set) fill(box.querySelector("[data-pinned-text]"), [words()]);
    box.hidden = !set;
  }

  map.onPlace(async (place) => {
    lon.value = place.lon.toFixed(7);
    lat.value = place.lat.toFixed(7);
    show();
    zone.value = await zoneAt(options.identify, place);
    show();
    form.dispatchEvent(new Event("change")); // nobody typed, and the place is kept too
    map.say(words());
  });
  on(form.querySelector("[data-unpin]"), "click", () => {
    lon.value = lat.value = "";
    show();
    zone.focus();
  });
  show();
}

/** What is typed stays until it was entered: the page says by its key which one that was. */
function keep() {
  const name = `words:enter:${form.dataset.version}:${form.dataset.person}`;
  const store = wordsStore(window.localStorage);
  const kept = store.read(name);
  if (kept && kept.once === form.dataset.entered) store.clear(name);
  keepWords(form, name, (field) => ["text", "speaker"].includes(field));
}

async function start() {
  keep();
  mountPhotos(form);
  const frame = document.querySelector("[data-map]");
  const options = readJson(frame.dataset.map);
  const map = await openMap(frame, options);
  if (map) pinning(map, options);
}

start();
