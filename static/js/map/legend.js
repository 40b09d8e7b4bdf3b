// What is in the view: classes with how many pieces and how much land, measured by the server inside the view.
import { el, fill } from "../lib/dom.js";
import { area } from "../lib/format.js";
import { getJson } from "../lib/request.js";
import { t } from "../lib/words.js";
import { colourPicture, linePicture } from "./pictures.js";

/** The box of a Leaflet map as the API wants it; the world has an end. */
export function boxOf(bounds) {
  const clamp = (value, most) => Math.min(Math.max(value, -most), most).toFixed(6);
  return [clamp(bounds.getWest(), 180), clamp(bounds.getSouth(), 90), clamp(bounds.getEast(), 180), clamp(bounds.getNorth(), 90)].join(",");
}

export function legendSection({ map, options }) {
  const list = el("div", { "aria-live": "polite" });
  let asked = 0;

  const row = (picture, name, code, { count, area_m2: m2 }) =>
    el("li", {}, picture, el("span", {}, `${name} `, code && el("span", { class: "soft" }, code)), el("span", { class: "soft" }, t("%(count)s · %(area)s", { count, area: area(m2) })));

  function show(found) {
    const planned = found.plan && map.view.mode !== "now";
    const classes = (planned ? found.plan : found.now) || [];
    const total = classes.reduce((sum, { area_m2: m2 }) => sum + m2, 0);
    fill(list, [
      el("h3", {}, planned ? t("Planned land use") : t("Land today (base year)")),
      classes.length ? el("ul", { class: "legend legend--narrow" }, ...classes.map((entry) => row(colourPicture(entry.colour), entry.name, entry.code, entry))) : el("p", { class: "soft" }, t("There is no land of this map in the view.")),
      classes.length ? el("p", { class: "legend-total" }, t("Together %(area)s", { area: area(total) })) : null,
      ...(found.lines && found.lines.length ? [el("h3", {}, t("Control lines")), el("ul", { class: "legend legend--narrow" }, ...found.lines.map((line) => row(linePicture(line), line.name, "", line)))] : []),
    ]);
  }

  async function ask() {
    asked += 1;
    const mine = asked;
    try {
      const found = await getJson(`${options.legend}?bbox=${boxOf(map.leaflet.getBounds())}`);
      if (mine === asked) show(found);
    } catch (error) {
      if (mine === asked) fill(list, [el("p", { class: "soft" }, error.message)]);
    }
  }

  let mode = map.view.mode;
  map.onShow((view) => {
    if (view.mode !== mode && list.firstChild && map.toolsOpen()) ask();
    mode = view.mode;
  });
  const node = el("div", {}, el("p", { class: "soft small" }, t("Pieces and areas inside the present view; measured on the ellipsoid.")), list);
  return { title: t("Land in this view"), node, open: ask, view: ask };
}
