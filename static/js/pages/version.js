// The public page of a version: map, what is said of a tapped place, comments as pins, pinning a comment of one's own.
import { byId, fill, on, readJson, scrollTo } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { L } from "../map/leaflet.js";
import { openMap } from "../map/map.js";
import { pin } from "../map/pins.js";
import { placePanel } from "../map/place.js";
import { loginAddress, placeOf } from "../map/comment_place.js";
import { withTools } from "../map/toolbox.js";

/** The comments as pins, in a layer of their own. */
function showPins(map, pins) {
  const layer = L.layerGroup().addTo(map.leaflet);
  for (const { number, id, lon, lat, answered } of pins) {
    const title = t("Comment %(number)s", { number });
    pin(lat, lon, number, {
      kind: answered ? "answered" : "",
      title,
      onClick() {
        map.full.leave();
        window.location.hash = `comment-${id}`;
      },
    }).addTo(layer);
  }
  return layer;
}

/** The form takes the place; the pin is shown on the map and can be taken back. */
function pinning(map, form) {
  const box = form.querySelector("[data-pinned]");
  const [lon, lat, zone] = ["lon", "lat", "zone"].map((name) => form.elements[name]);
  let marker = null;

  function set(place) {
    if (marker) marker.remove();
    marker = pin(place.lat, place.lon, "", { kind: "draft", title: t("Pinned to the place you chose on the map.") }).addTo(map.leaflet);
    lon.value = place.lon.toFixed(7);
    lat.value = place.lat.toFixed(7);
    zone.value = place.zone || "";
    fill(box.querySelector("[data-pinned-text]"), [
      place.zone ? t("Pinned to the place you chose on the map, in zone %(number)s.", { number: place.zone }) : t("Pinned to the place you chose on the map."),
    ]);
    box.hidden = false;
  }

  on(form.querySelector("[data-unpin]"), "click", () => {
    if (marker) marker.remove();
    lon.value = lat.value = "";
    box.hidden = true;
    map.say(t("The pin was removed."));
    zone.focus();
  });
  const given = placeOf(lon.value, lat.value, zone.value);
  if (given) set(given);
  return set;
}

async function start() {
  const frame = document.querySelector("[data-map]");
  const options = readJson(frame.dataset.map);
  const map = await openMap(frame, options);
  if (!map) return;
  const comments = showPins(map, options.pins);
  const box = byId("comment-form");
  const form = box && box.querySelector("form");
  const login = box && box.querySelector("[data-login]");
  const set = form && pinning(map, form);

  const panel = placePanel(map, frame.querySelector("[data-map-panel]"), {
    url: options.identify,
    onComment: box && function comment(place) {
      if (!form) {
        window.location.href = loginAddress(login.getAttribute("href"), window.location.pathname, place);
        return;
      }
      set(place);
      map.full.leave();
      panel.close();
      map.say(t("A pin was set on the map. Write your comment below."));
      scrollTo(box);
      form.elements.text.focus({ preventScroll: true });
    },
  });
  withTools(map, frame, options, { layers: { comments } });
}

start();
