// The layers of a map as a tree of switches, with their signs and how many things each holds. Only what the person may see is told.
import { el, fill } from "../lib/dom.js";
import { getJson } from "../lib/request.js";
import { t } from "../lib/words.js";
import { hatchPicture, linePicture, pinPicture } from "./pictures.js";
import { signPicture } from "./symbols.js";

const sum = (rows) => rows.reduce((all, { count }) => all + count, 0);

export function layerSection({ map, options }) {
  const node = el("div", { class: "layer-tree" }, el("p", { class: "soft" }, t("Loading…")));
  const inputs = [];
  let asked = null;

  const without = (list, key) => list.filter((other) => other !== key);
  const withKey = (list, key) => [...without(list, key), key];

  /** Lines that are not drawn at first are in the list `on` when somebody wants them, all else is in `off` when nobody does. */
  function set(key, checked, { further = null } = {}) {
    if (!further) map.show({ off: checked ? without(map.view.off, key) : withKey(map.view.off, key) });
    else map.show({ on: checked ? withKey(map.view.on, key) : without(map.view.on, key) });
  }

  function shown(key, further) {
    return further ? map.view.on.includes(key) : !map.view.off.includes(key);
  }

  function toggle(key, name, { picture = null, count = null, further = null } = {}) {
    const input = el("input", { type: "checkbox", onchange: (event) => set(key, event.target.checked, { further }) });
    inputs.push(() => (input.checked = shown(key, further)));
    return el("label", { class: "layer" }, input, picture, el("span", {}, name), count !== null && el("span", { class: "soft" }, String(count)));
  }

  function land(mode, name, count) {
    const input = el("input", { type: "radio", name: "map-land", onchange: () => map.show({ mode }) });
    inputs.push(() => (input.checked = map.view.mode === mode));
    return el("label", { class: "layer" }, input, el("span", {}, name), count !== null && el("span", { class: "soft" }, String(count)));
  }

  const group = (title, ...children) => el("fieldset", {}, el("legend", {}, title), ...children);
  const signsOf = (layer, rows) => el("ul", { class: "layer-signs" }, ...rows.map(({ kind, name, symbol, count }) =>
    el("li", {}, signPicture(options.symbols, layer, symbol), el("span", {}, name || kind || t("Without a kind")), el("span", { class: "soft" }, String(count)))));

  function lines(rows) {
    const wanted = ({ at_first: first, kind }) => first || map.view.on.includes(kind);
    map.onShow((view) => (view.lines = rows.filter(wanted)));
    return group(t("Control lines"),
      toggle("lines", t("All control lines"), { count: sum(rows) }),
      ...rows.map((line) => toggle(line.kind, line.name, { picture: linePicture(line), count: line.count, further: !line.at_first })));
  }

  function tree(all) {
    const marks = [
      all.conflicts !== null && toggle("conflicts", t("Conflicts"), { picture: hatchPicture(), count: all.conflicts }),
      all.projects && toggle("projects", t("Projects"), { count: sum(all.projects) }),
      all.projects && all.projects.length > 0 && signsOf("projects", all.projects),
      all.facilities && toggle("facilities", t("Public facilities"), { count: sum(all.facilities) }),
      all.facilities && all.facilities.length > 0 && signsOf("facilities", all.facilities),
      all.comments !== null && toggle("comments", t("Comments"), { picture: pinPicture(), count: all.comments }),
      toggle("labels", t("Words on the map")),
    ];
    fill(node, [
      (all.plan || all.now) && group(t("Land"),
        all.plan && land("plan", t("Planned land use"), sum(all.plan)),
        all.now && land("now", t("Land today (base year)"), sum(all.now)),
        land("none", t("No land use"), null)),
      all.lines && all.lines.length > 0 && lines(all.lines),
      group(t("Marks"), ...marks),
    ].filter(Boolean));
    const update = () => inputs.forEach((look) => look());
    map.onShow(update);
    update();
    if (map.view.on.length) map.show({});
  }

  function open() {
    asked = asked || getJson(options.legend).then(tree, (error) => {
      asked = null;
      fill(node, [el("p", { class: "notice notice--error" }, error.message)]);
    });
  }

  const restore = () => map.remembered.on && open();
  restore();
  return { title: t("Layers"), node, open, restore };
}
