// Codes that need a person: rows and zones on the map go together, a choice for a value shows in all its rows, progress counts.
import { el, fill, on, readJson } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { openMap } from "../map/map.js";
import { drawShapes } from "../map/shapes.js";
import { linkRows } from "../staff/link_rows.js";

const OPEN = "#c1121f";
const DECIDED = "#1c5d41";

const form = document.querySelector("[data-worklist]");
const rows = form ? [...form.querySelectorAll("[data-zone]")] : [];
const selectOf = (row) => row.querySelector("select");

const decided = (row) => (selectOf(row) ? selectOf(row).value : row.dataset.was);

function count() {
  const words = form.querySelector("[data-decided-words]");
  const before = rows.filter((row) => row.dataset.was).length;
  const now = rows.filter(decided).length;
  const shown = Number(words.dataset.decided) - before + now; // rows of other pages count as they are stored
  fill(words, [t("%(decided)s of %(total)s zones decided", { decided: shown, total: words.dataset.total })]);
  form.querySelector("[data-decided-bar]").value = shown;
}

/** A choice for a value fills its rows, so that one sees it and may except some. */
function spread(all) {
  rows.forEach((row) => {
    const select = selectOf(row);
    if (select && select.dataset.of === all.dataset.value && all.value) select.value = all.value;
  });
}

async function start(frame) {
  const map = await openMap(frame, readJson("map-options"));
  if (!map) return () => {};
  const colour = (feature) => {
    const row = rows.find((one) => Number(one.dataset.zone) === feature.properties.number);
    return row && decided(row) ? DECIDED : OPEN;
  };
  const links = linkRows(rows, (row) => row.dataset.zone, (id) => shapes.choose(id));
  const draw = () => drawShapes(map, readJson("worklist-shapes"), {
    id: (feature) => feature.properties.number,
    colour,
    onClick(id) {
      shapes.choose(id);
      links.choose(id, { reveal: true });
      const row = rows.find((one) => one.dataset.zone === String(id));
      if (row && selectOf(row)) selectOf(row).focus({ preventScroll: true });
    },
  });
  let shapes = draw();
  rows.forEach((row) => on(selectOf(row), "focus", () => {
    links.choose(row.dataset.zone);
    shapes.choose(row.dataset.zone);
  }));
  return () => {
    shapes.remove();
    shapes = draw();
  };
}

if (form) {
  form.append(el("input", { type: "hidden", name: "seen", value: "1" })); // the rows say all: the server need not spread choices over them
  let paint = () => {};
  const frame = form.querySelector("[data-map]");
  if (frame) start(frame).then((again) => (paint = again));
  on(form, "change", (event) => {
    if (event.target.dataset.value !== undefined) spread(event.target);
    count();
    paint();
  });
}
