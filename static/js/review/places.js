// Rows that have a place: a change, a comment, an opinion, a point of a return. Choosing one shows and marks it on the map.
import { on, readJson, reducedMotion } from "../lib/dom.js";

/** Marks one row of the page at a time. */
export function chooser() {
  let chosen = null;
  return function choose(row, { reveal = false } = {}) {
    if (chosen) {
      chosen.classList.remove("is-current");
      chosen.removeAttribute("aria-current");
    }
    chosen = row;
    if (!row) return;
    row.classList.add("is-current");
    row.setAttribute("aria-current", "true");
    if (reveal) row.scrollIntoView({ block: "center", behavior: reducedMotion() ? "auto" : "smooth" });
  };
}

/** places(bench, map, {choose, mark(zones of before)}) -> {show(row)}; the places are what the page wrote as JSON. */
export function places(bench, map, { choose, mark }) {
  const read = () => ({ ...readJson("places", {}), ...readJson("change-places", {}) });

  function show(row, options) {
    choose(row, options);
    const place = read()[row.dataset.place];
    if (!place) return;
    map.show({ zone: place.new });
    mark(place.old);
    const [west, south, east, north] = place.box;
    map.fit(place.box, { maxZoom: west === east && south === north ? 17 : 18, padding: [40, 40] });
  }

  on(bench, "click", (event) => {
    const button = event.target.closest("[data-show]");
    const row = button && button.closest("[data-place]");
    if (row) show(row);
  });
  return { show };
}
