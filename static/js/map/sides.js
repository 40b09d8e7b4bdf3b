// The plan against the base year or another version: cut by a border that moves, or in two maps that move together.
import { el, fill } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { L } from "./leaflet.js";
import { swipe } from "./swipe.js";

const BASE = "now";

/** Keeps two maps on the same ground; returns what stops it. */
export function together(first, second) {
  let busy = false;
  const follow = (from, to) => () => {
    if (busy) return;
    busy = true;
    to.setView(from.getCenter(), from.getZoom(), { animate: false });
    busy = false;
  };
  const [there, back] = [follow(first, second), follow(second, first)];
  first.on("move zoomend", there);
  second.on("move zoomend", back);
  there();
  return () => {
    first.off("move zoomend", there);
    second.off("move zoomend", back);
  };
}

export function sideSection({ map, frame, options, task, phone }) {
  const stage = frame.querySelector(".map-stage");
  const choices = [
    ...(options.tiles.base ? [{ id: BASE, name: t("Land today (base year)"), urls: { base: options.tiles.base }, mode: "now" }] : []),
    ...options.others.map(({ id, number, tiles }) => ({ id, name: t("Version %(number)s", { number }), urls: { ...(options.tiles.base ? { base: options.tiles.base } : {}), version: tiles }, mode: "plan" })),
  ];
  const mine = t("Version %(number)s", { number: options.number });
  const select = el("select", { id: "map-with", class: "form-select" }, ...choices.map(({ id, name }) => el("option", { value: id }, name)));

  const nameOf = (text) => el("span", { class: "map-side-name" }, text);

  async function asSwipe(choice) {
    const before = await map.second(choice.urls, { mode: choice.mode });
    if (!before) return false;
    const slider = el("input", { type: "range", id: "map-swipe", min: 0, max: 100, value: 50, step: 1 });
    const border = el("div", { class: "swipe-border", "aria-hidden": "true" }, el("span", {}, "⇔"));
    const names = [el("span", { class: "map-side-name" }, `← ${choice.name}`), el("span", { class: "map-side-name map-side-name--right" }, `${mine} →`)];
    stage.append(border, ...names);
    const label = el("label", { for: "map-swipe" }, t("Border between %(left)s (left) and %(right)s (right)", { left: choice.name, right: mine }));
    let uncut = () => {};
    task.show(() => {
      uncut();
      before.remove();
      [border, ...names].forEach((node) => node.remove());
      ended();
    }, el("div", { class: "task-swipe" }, label, slider), closer());
    uncut = swipe(map.leaflet, { left: before.pane, right: map.leaflet.getPane("tilePane") }, slider, border);
    return true;
  }

  async function asSides(choice) {
    const box = el("div", { class: "map", role: "img", "aria-label": t("%(name)s, moves with the map beside it", { name: choice.name }) });
    const beside = el("div", { class: "map-stage map-stage--beside" }, box, nameOf(choice.name));
    const ownName = nameOf(mine);
    stage.before(beside);
    stage.append(ownName);
    frame.querySelector(".map-body").classList.add("map-body--sides");
    const other = L.map(box, { zoomControl: false, attributionControl: false, minZoom: 9, maxZoom: 19, zoomSnap: 0.25, keyboard: false, scrollWheelZoom: false, tapHold: false });
    if (!map.leaflet.dragging.enabled()) other.dragging.disable();
    map.leaflet.invalidateSize();
    other.setView(map.leaflet.getCenter(), map.leaflet.getZoom(), { animate: false });
    other.on("click", ({ latlng }) => map.leaflet.fire("click", { latlng }));
    let part = () => {};
    let second = null;
    const alone = () => {
      part();
      if (second) second.remove();
      other.remove();
      [beside, ownName].forEach((node) => node.remove());
      frame.querySelector(".map-body").classList.remove("map-body--sides");
      map.leaflet.invalidateSize();
    };
    second = await map.second(choice.urls, { mode: choice.mode }, other);
    if (!second) {
      alone();
      return false;
    }
    task.show(() => {
      alone();
      ended();
    }, el("span", {}, t("Both maps move together.")), closer());
    other.invalidateSize();
    part = together(map.leaflet, other);
    return true;
  }

  function closer() {
    return el("button", { type: "button", class: "btn btn-outline-primary btn-sm", onclick: task.clear }, t("One map again"));
  }

  function ended() {
    running = {};
    map.remember({ with: undefined, how: undefined });
    map.leaflet.getContainer().focus({ preventScroll: true });
  }

  let busy = false;
  let running = {};

  async function begin(how) {
    const choice = choices.find(({ id }) => id === select.value);
    if (!choice || busy) return;
    busy = true;
    task.clear();
    if (map.view.mode !== "plan") map.show({ mode: "plan" });
    map.say(t("Loading the map…"));
    const begun = await (how === "swipe" ? asSwipe(choice) : asSides(choice)).finally(() => (busy = false));
    if (!begun) return; // the map has said why
    running = { with: choice.id, how };
    map.remember(running);
    if (phone.matches) map.closeTools();
    map.say(t("%(left)s beside %(right)s", { left: choice.name, right: mine }));
  }

  const button = (how, text) => el("button", { type: "button", class: "btn btn-outline-primary", onclick: () => begin(how) }, text);
  const node = el("div", {});
  fill(node, choices.length
    ? [el("div", { class: "tool-field" }, el("label", { for: "map-with" }, t("Put beside this plan")), select), el("p", { class: "row-wrap" }, button("swipe", t("Swipe")), button("sides", t("Side by side")))]
    : [el("p", { class: "soft" }, t("There is no other version that you may see."))]);

  function restore() {
    const { with: given, how } = map.remembered;
    if (given === running.with && how === running.how) return;
    if (given && how && choices.some(({ id }) => id === given)) {
      select.value = given;
      begin(how);
    } else if (running.with) task.clear();
  }

  restore();
  return { title: t("Compare"), node, restore };
}
