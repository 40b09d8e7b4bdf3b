// The panel beside the map: one chosen zone, several, or the zone that is being drawn.
import { el, fill, on } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { areaOf } from "../map/geodesic.js";
import { polygonsOf } from "./geometry.js";
import { classPicker } from "./picker.js";
import { sizes, zoneText } from "./says.js";
import { usedClasses } from "./state.js";

const areaOfShape = (geometry) => polygonsOf(geometry).reduce((sum, rings) => sum + areaOf(rings), 0);

export function zonePanel(board, root, classes, checks) {
  const part = (name) => root.querySelector(`[data-${name}]`);
  const { state, chosen, nodes } = board;
  const used = () => usedClasses(state.zones.values());
  const parts = { one: part("one"), many: part("many"), fresh: part("fresh"), fill: part("fill"), none: part("none") };
  const label = part("label");
  const remark = part("remark");
  const into = part("into");
  const land = part("land");
  const toggle = part("sheet-toggle"); // on a phone all that is seen of the panel
  const whole = toggle.textContent;
  let isFilling = false;
  let shown = null; // the number whose fields are filled in

  const onePicker = classPicker(part("one-picker"), classes, { label: t("Class"), used, onPick: ({ code }) => set({ code }) });
  const manyPicker = classPicker(part("many-picker"), classes, { label: t("Class of all chosen zones"), used, onPick: ({ code }) => set({ code }) });
  const fillPicker = classPicker(part("fill-picker"), classes, {
    label: t("Class of the land in no zone"), used,
    onPick({ code }) {
      isFilling = false;
      stepAway({ kind: "fill", code });
    },
  });
  const freshPicker = classPicker(part("fresh-picker"), classes, { label: t("Class of the new zone"), used, onPick: (c) => board.onFreshClass(c) });

  /** A step that takes its own button away: one goes on at the map. */
  function stepAway(step) {
    board.step(step);
    board.closeSheet();
    board.focusMap();
  }

  const set = (fields) => board.step({ kind: "set", zones: [...chosen], ...fields });
  on(label, "change", () => set({ label: label.value.trim() }));
  on(remark, "change", () => set({ remark: remark.value.trim() }));
  on(part("merge"), "click", () => stepAway({ kind: "merge", zones: [...chosen], into: Number(into.value) }));
  on(part("delete"), "click", () => {
    const to = Number(land.value);
    stepAway({ kind: "delete", zone: [...chosen][0], ...(to ? { to } : {}) });
    board.choose([], {});
  });

  function options(select, rows) {
    const before = select.value;
    fill(select, rows.map(([value, text]) => el("option", { value }, text)));
    if (rows.some(([value]) => String(value) === before)) select.value = before;
  }

  function one(number) {
    const zone = state.zones.get(number);
    const shape = nodes.shape(number);
    const isPreview = shape !== zone.geometry;
    fill(part("one-title"), [t("Zone %(number)s", { number })]);
    fill(part("one-area"), [sizes(isPreview ? areaOfShape(shape) : zone.area_m2)]);
    onePicker.show(zone.code);
    for (const [field, value] of [[label, zone.label], [remark, zone.remark]]) {
      if (shown !== number || document.activeElement !== field) field.value = value || "";
    }
    shown = number;
    options(land, [[0, t("the neighbour with the longest common border")], ...state.neighbours(number, nodes).map((n) => [n, `${t("Zone %(number)s", { number: n })} · ${zoneText(state.zones.get(n))}`])]);
    checks.one.ask(shape, zone.code);
  }

  function many(numbers) {
    const zones = numbers.map((n) => state.zones.get(n));
    fill(part("many-title"), [t("%(count)s zones chosen", { count: numbers.length })]);
    fill(part("many-area"), [sizes(zones.reduce((sum, zone) => sum + zone.area_m2, 0))]);
    options(into, zones.map((zone) => [zone.number, `${t("Zone %(number)s", { number: zone.number })} · ${zoneText(zone)}`]));
    const codes = new Set(zones.map((zone) => zone.code));
    manyPicker.show(codes.size === 1 ? [...codes][0] : "");
  }

  /** The class of new zones stays the one chosen last. */
  function fresh(code) {
    freshPicker.show(code);
  }

  function show() {
    const numbers = [...chosen].filter((n) => state.zones.has(n));
    if (numbers.length) isFilling = false;
    const mode = board.projects && board.projects.isOpen() ? "project" : board.isDrawingZone() ? "fresh" : isFilling ? "fill" : numbers.length > 1 ? "many" : numbers.length === 1 ? "one" : "none";
    for (const [name, node] of Object.entries(parts)) node.hidden = name !== mode;
    fill(toggle, [mode === "one" ? `${t("Zone %(number)s", { number: numbers[0] })} · ${zoneText(state.zones.get(numbers[0]))}` : mode === "many" ? t("%(count)s zones chosen", { count: numbers.length }) : whole]);
    if (mode === "one") one(numbers[0]);
    if (mode === "many") many(numbers);
    if (mode !== "one") {
      shown = null;
      checks.one.ask(null);
    }
  }

  /** The live figure while a corner is dragged. */
  function showArea(number, geometry) {
    if (chosen.size === 1 && chosen.has(number)) fill(part("one-area"), [sizes(areaOfShape(geometry))]);
  }

  /** Land in no zone becomes zones of the class that is chosen now. */
  function fillRest() {
    board.choose([]);
    isFilling = true;
    show();
    fillPicker.show("");
    fillPicker.open();
  }

  return { show, showArea, fillRest, fresh, askClass: () => freshPicker.open() };
}
