// The panel "Layers and tools": sections that fold, each in a module of its own that returns {title, node, open?(), view?(), restore?(), unfolded?}:
// `open` is called when the section is unfolded, `view` when the map has moved while it is unfolded, `restore` when the address says
// something else than before.
import { el, icon } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { filterSection } from "./filter.js";
import { gotoSection } from "./goto.js";
import { layerSection } from "./layers.js";
import { legendSection } from "./legend.js";
import { measureSection } from "./measure.js";
import { copy } from "./place_layers.js";
import { sideSection } from "./sides.js";
import { taskOf } from "./task.js";

const PAUSE = 400; // after the last movement, before the server is asked

function folded(map, { title, node, open, view }, first) {
  const details = el("details", { class: "tool", name: "map-tool", open: first }, el("summary", {}, title), node);
  let timer = null;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => details.open && map.toolsOpen() && view(), PAUSE);
  };
  details.addEventListener("toggle", () => details.open && open && open());
  if (view) map.leaflet.on("moveend", later);
  return { details, look: () => details.open && (open || view || (() => {}))() };
}

export function start(map, frame, options) {
  const tools = { map, frame, options, task: taskOf(frame, map), phone: window.matchMedia("(max-width: 61.99rem)") };
  const made = [layerSection, legendSection, options.matching && filterSection, options.others && sideSection, measureSection, gotoSection]
    .filter(Boolean)
    .map((section) => section(tools));
  const first = made.find(({ unfolded }) => unfolded) || made[0];
  const sections = made.map((section) => folded(map, section, section === first));
  const link = el("button", { type: "button", class: "btn btn-outline-primary", onclick: () => copy(map, map.link()) }, icon("right"), t("Copy a link to this view"));
  frame.querySelector("[data-tools-body]").replaceChildren(...sections.map(({ details }) => details), el("p", { class: "tool-link" }, link));
  map.onRemembered(() => made.forEach(({ restore }) => restore && restore()));
  map.onTools = () => sections.forEach(({ look }) => look());
}
