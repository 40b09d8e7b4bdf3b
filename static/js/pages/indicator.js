// The page of one indicator: the shapes that made the number, on a map beside their list.
import { on, readJson, scrollTo } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { getJson } from "../lib/request.js";
import { openMap } from "../map/map.js";
import { drawShapes } from "../map/shapes.js";
import { linkRows } from "../staff/link_rows.js";

const MOST = 5000; // shapes a phone can still draw; the list and the interface have all

/** All pages of the shapes, up to MOST. */
async function membersOf(url) {
  const features = [];
  for (let next = url; next && features.length < MOST; ) {
    const page = await getJson(next);
    features.push(...page.features);
    next = page.next;
  }
  return { type: "FeatureCollection", features };
}

async function start(frame) {
  const options = readJson(frame.dataset.map);
  const map = await openMap(frame, options);
  if (!map) return;
  map.show({ conflicts: false, withLines: false });
  let collection;
  try {
    collection = await membersOf(options.members);
  } catch (error) {
    map.say(error.message, "error");
    return;
  }
  const rows = linkRows(document.querySelectorAll("[data-member]"), (row) => row.dataset.member, (id) => {
    if (shapes.choose(id)) scrollTo(document.getElementById("map-place"));
    else map.say(t("There is nothing on record for this place."));
  });
  const shapes = drawShapes(map, collection, {
    id: (feature) => feature.properties.row,
    colour: (feature) => options.colours[feature.properties.layer] || options.colour,
    onClick(id) {
      shapes.choose(id);
      rows.choose(id, { reveal: true });
    },
  });
  const box = shapes.bounds();
  if (box) map.fit(box);
  on(frame, "keydown", (event) => event.key === "Escape" && map.fit(options.bounds));
}

const frame = document.querySelector("[data-map]");
if (frame) start(frame);
