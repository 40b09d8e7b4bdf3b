// The version before under the same map: left of a border that a slider or a finger moves, switched on and off.
import { byId, on } from "../lib/dom.js";
import { swipe } from "../map/swipe.js";

/** swiping(bench, frame, map, options) -> {mark(zones), toggle()}; its tiles are asked for when it is first switched on. */
export function swiping(bench, frame, map, options) {
  const button = bench.querySelector("[data-swipe-toggle]");
  const parts = byId("swipe-parts");
  let older = null;
  let border = null;
  let foot = null;
  let stop = null;
  let marked = [];
  let busy = false;

  async function begin() {
    map.say("");
    older = await map.second(options.before, {}, null, "older");
    if (!older) return false; // the map has said why; the next press asks again
    const made = document.importNode(parts.content, true);
    border = made.querySelector("[data-swipe-border]");
    foot = made.querySelector("[data-swipe-foot]");
    frame.querySelector("[data-map-box]").after(border);
    frame.querySelector("[data-map-status]").before(foot);
    if (marked.length) older.show({ zone: marked });
    return true;
  }

  async function press() {
    const on = button.getAttribute("aria-pressed") !== "true";
    if (on && !older && !(await begin())) return;
    button.setAttribute("aria-pressed", String(on));
    [border, foot].forEach((part) => (part.hidden = !on));
    older.pane.hidden = !on;
    frame.classList.toggle("is-swiping", on); // the fill of conflicts would hide what changed
    map.leaflet.invalidateSize();
    if (on) stop = swipe(map.leaflet, { left: older.pane, right: map.leaflet.getPane("tilePane") }, foot.querySelector("[data-swipe]"), border);
    else stop();
  }

  async function toggle() {
    if (!button || busy) return;
    busy = true;
    await press().finally(() => (busy = false));
  }

  on(button, "click", toggle);
  return {
    toggle,
    mark(zones) {
      marked = zones;
      if (older) older.show({ zone: zones });
    },
  };
}
