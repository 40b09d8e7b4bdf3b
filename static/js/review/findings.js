// The conflicts: a list that is stepped through, and their shapes on the map.
import { fill, on, reducedMotion } from "../lib/dom.js";
import { getJson } from "../lib/request.js";
import { t } from "../lib/words.js";
import { drawShapes } from "../map/shapes.js";

const COLOURS = { real: "#c1121f", legacy: "#9a5b00", technical: "#1a5580", exception: "#5b3a8c" };
const FIXED = "#1c5d41";

/**
 * The list alone, which needs no map: findings(bench, {parts, choose}) ->
 * {step(by), chooseKey(key), chooseZone(number), current(), onChoose(handler(row))}
 */
export function findings(bench, { parts, choose }) {
  const box = bench.querySelector("[data-part='findings']");
  const steps = bench.querySelector("[data-steps]");
  const handlers = [];
  let current = null;
  const rows = () => Array.from(box ? box.querySelectorAll("[data-finding]") : []);
  const total = () => Number((box && box.querySelector("[data-finding-list]") || { dataset: {} }).dataset.total || 0);
  const tell = (text) => fill(bench.querySelector("[data-step-said]"), [text]);

  function showCount() {
    const at = current ? current.dataset.position : 0;
    fill(steps.querySelector("[data-step-at]"), [at ? t("%(at)s of %(total)s", { at, total: total() }) : String(total())]);
    steps.classList.toggle("is-empty", !total());
  }

  function select(row, { speak = false } = {}) {
    if (current && current !== row) current.open = false;
    current = row;
    row.open = true;
    const { pathname, search } = window.location;
    window.history.replaceState(null, "", `${pathname}${search}#finding-${row.dataset.finding}`); // to send to somebody
    choose(row);
    showCount();
    if (speak) {
      const { top } = bench.getBoundingClientRect();
      if (top > 0) window.scrollBy(0, top); // map and list get the whole height
      row.scrollIntoView({ block: "nearest", behavior: reducedMotion() ? "auto" : "smooth" });
      const place = t("%(at)s of %(total)s", { at: row.dataset.position, total: total() });
      tell(`${place}. ${row.querySelector("[data-sentence]").textContent}`);
    }
    handlers.forEach((handler) => handler(row));
  }

  async function step(by) {
    const all = rows();
    const at = all.indexOf(current);
    const to = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
    if (all[to]) {
      select(all[to], { speak: true });
      return;
    }
    const link = box && box.querySelector(`[data-page-link="${by}"]`);
    if (!link) tell(by > 0 ? t("This is the last conflict of the list.") : t("This is the first conflict of the list."));
    else if (await parts.load("findings", link.search)) select(by > 0 ? rows()[0] : rows().pop(), { speak: true });
  }

  const find = (test) => {
    const row = rows().find(test);
    if (row) select(row, { speak: true });
    return Boolean(row);
  };

  on(box, "click", (event) => {
    const row = event.target.closest("[data-finding]");
    if (!row || !event.target.closest("summary, [data-show]")) return;
    if (event.target.closest("summary")) {
      event.preventDefault(); // opened and closed here: one at a time
      if (row === current && row.open) {
        row.open = false;
        return;
      }
    }
    select(row);
  });
  on(box, "keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || event.ctrlKey || event.altKey || event.metaKey || !event.target.closest("[data-finding] > summary")) return;
    event.preventDefault();
    step(by).then(() => current && current.querySelector("summary").focus({ preventScroll: true }));
  });
  on(bench, "click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(Number(button.dataset.step));
  });
  parts.onLoad((name) => {
    if (name !== "findings") return;
    current = null;
    showCount();
  });
  showCount();
  return {
    step,
    current: () => current,
    onChoose: (handler) => handlers.push(handler),
    chooseKey: (key) => find((row) => row.dataset.finding === String(key)),
    chooseZone: (number) => find((row) => row.dataset.zone === String(number)),
  };
}

/** Shapes of conflicts: the first thousand at once, any other when its row is chosen. */
export async function findingShapes(map, options, list, { onShape }) {
  const rowKey = (feature) => feature.rowKey || String(feature.properties.number);
  let shapes = null;
  let wanted = "";

  async function show(row) {
    wanted = row.dataset.finding;
    if (!shapes || row.dataset.placed === undefined) return;
    const key = wanted;
    if (!shapes.has(key)) {
      const fixed = key.startsWith("fixed-");
      try {
        const found = await getJson(`${fixed ? options.fixed : options.finding}${Number(row.dataset.number) - 1}`);
        const features = found.features.filter((f) => String(f.properties.number) === row.dataset.number);
        shapes.add({ features: features.map((f) => ({ ...f, rowKey: key })) });
      } catch (error) {
        map.say(error.message, "error");
      }
    }
    if (wanted === key) shapes.choose(key);
  }

  list.onChoose(show);
  try {
    shapes = drawShapes(map, await getJson(options.findings), {
      id: rowKey,
      colour: (feature) => (feature.rowKey && feature.rowKey.startsWith("fixed-") ? FIXED : COLOURS[feature.properties.category]),
      onClick(id, feature) {
        map.say(`${feature.properties.name}, ${feature.properties.category_text}`);
        if (!onShape(id)) shapes.choose(id); // its row is on another page of the list
      },
    });
    if (list.current()) show(list.current());
  } catch (error) {
    map.say(error.message, "error");
  }
}
