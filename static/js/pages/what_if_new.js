// Asking what a comment would change: the land on the map, another area for those who may draw one, and the class it gets.
import { byId, el, on, readJson } from "../lib/dom.js";
import { drawArea, sizeOf } from "../comment/area.js";
import { openMap } from "../map/map.js";
import { outline } from "../what_if/land.js";

/** The button that draws an area instead of the land of the comment, and the one that takes it back. */
function chooser(map, frame, box, own) {
  const [draw, undraw, said] = ["draw", "undraw", "said"].map((name) => box.querySelector(`[data-area-${name}]`));
  const field = box.querySelector("[name=shape]");
  const zone = byId("id_zone");
  let shown = null;

  function show(geometry) {
    if (shown) shown.remove();
    shown = geometry || own ? outline(map.leaflet, { shape: geometry || own }) : null;
    field.value = geometry ? JSON.stringify(geometry) : "";
    said.textContent = geometry ? sizeOf(geometry.coordinates[0]) : "";
    undraw.hidden = !geometry;
    if (zone) zone.required = !geometry;
  }

  on(draw, "click", () => {
    const finished = () => box.scrollIntoView({ block: "center" });
    drawArea(map, frame, {
      onDone(geometry) {
        show(geometry);
        finished();
        undraw.focus({ preventScroll: true });
      },
      onCancel() {
        finished();
        draw.focus({ preventScroll: true });
      },
    });
    frame.scrollIntoView({ block: "start" });
  });
  on(undraw, "click", () => {
    show(null);
    draw.focus();
  });
  show(field.value ? JSON.parse(field.value) : null);
}

async function start(frame) {
  const options = readJson(frame.dataset.map);
  const map = await openMap(frame, options);
  if (!map) return;
  map.show({ conflicts: false });
  const own = options.change && options.change.shape;
  const box = document.querySelector("[data-area]");
  if (!box) {
    if (own) outline(map.leaflet, { shape: own });
    return;
  }
  frame.append(el("div", { class: "map-task", "data-map-task": "", hidden: true }));
  chooser(map, frame, box, own);
}

const frame = document.querySelector("[data-map]");
if (frame) start(frame);

// whoever chooses from the long list means "something else"
const list = document.querySelector("[data-other]");
if (list) on(list, "change", () => (byId("id_code_other").checked = Boolean(list.value)));
