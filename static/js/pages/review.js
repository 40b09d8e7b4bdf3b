// The review page: the map beside its lists. A row, a shape on the map and a pin lead to each other.
import { on, readJson, scrollTo } from "../lib/dom.js";
import { showJob } from "../lib/progress.js";
import { getJson } from "../lib/request.js";
import { openMap } from "../map/map.js";
import { pin } from "../map/pins.js";
import { drawShapes } from "../map/shapes.js";
import { linkRows } from "../staff/link_rows.js";

const RELOAD = 5000;
const COLOURS = { real: "#c1121f", legacy: "#9a5b00", technical: "#1a5580", exception: "#5b3a8c" };

const watched = document.querySelector("[data-job]");
if (watched) {
  const stop = showJob(watched, () => window.location.reload());
  on(window, "beforeunload", stop); // whoever goes on to another page is not called back
}
if (document.querySelector("[data-reload]")) setTimeout(() => window.location.reload(), RELOAD);

async function findings(map, options, toMap) {
  let collection;
  try {
    collection = await getJson(options.findings);
  } catch (error) {
    map.say(error.message, "error");
    return;
  }
  const rows = linkRows(document.querySelectorAll("[data-finding]"), (row) => row.dataset.finding, (id) => toMap(shapes.choose(id)));
  const shapes = drawShapes(map, collection, {
    id: (feature) => feature.properties.number,
    colour: (feature) => COLOURS[feature.properties.category],
    onClick(id, feature) {
      shapes.choose(id);
      rows.choose(id, { reveal: true });
      map.say(`${feature.properties.name}, ${feature.properties.category_text}`);
    },
  });
}

function comments(map, pins, toMap) {
  const places = new Map(pins.map((place) => [String(place.number), place]));
  const rows = linkRows(document.querySelectorAll("[data-comment]"), (row) => row.dataset.comment, (id) => {
    const place = places.get(String(id));
    if (!place) return;
    map.leaflet.setView([place.lat, place.lon], Math.max(map.leaflet.getZoom(), 17));
    toMap(true);
  }, { byButtonOnly: true });
  for (const { number, lat, lon, answered } of pins) {
    const onClick = () => rows.choose(number, { reveal: true });
    pin(lat, lon, number, { kind: answered ? "answered" : "", title: String(number), onClick }).addTo(map.leaflet);
  }
}

/** What lies at a place, said under the map. */
function identify(map, url) {
  let asked = 0;
  map.onPlace(async ({ lat, lon }) => {
    const mine = (asked += 1);
    try {
      const answer = await getJson(`${url}?lon=${lon.toFixed(7)}&lat=${lat.toFixed(7)}`);
      if (mine === asked) map.say(answer.sentences.join(" "));
    } catch (error) {
      if (mine === asked) map.say(error.message, "error");
    }
  });
}

async function start(frame) {
  const options = readJson(frame.dataset.map);
  const map = await openMap(frame, options);
  if (!map) return;
  map.show({ conflicts: false }); // drawn as shapes that can be clicked instead
  const toMap = (found) => found && scrollTo(document.getElementById("map-place"));
  identify(map, options.identify);
  comments(map, options.pins, toMap);
  await findings(map, options, toMap);
}

const frame = document.querySelector("[data-map]");
if (frame) start(frame);

// site.js opens the legend where there is room; here its thirty classes would stand between the map and the conflicts.
const legend = document.querySelector(".legend-block");
if (legend) legend.open = false;

// A note half written is not lost by a wrong click.
const note = document.querySelector("#note-return");
if (note) {
  let sending = false;
  on(note.form, "submit", () => (sending = true));
  on(window, "beforeunload", (event) => !sending && note.value !== note.defaultValue && event.preventDefault());
}
