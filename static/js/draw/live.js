// What stands in the way of one polygon as one class, asked while it is drawn (the portal's check of drawn polygons).
import { el, fill } from "../lib/dom.js";
import { postJson } from "../lib/request.js";
import { t } from "../lib/words.js";

const PAUSE = 500; // ms without a change before it asks
const PROTECTED = ["K1", "K3", "K4"]; // farmland, red line, construction boundary, as in planning/unmade.py

/** Whether all is clear where no conflict was found: not while one of the three lines was not checked. */
export const allClear = (open) => !open.some(({ code }) => PROTECTED.includes(code));

/** ask(geometry, code) shows the answer in `box`; whatever was asked before is forgotten. */
export function liveCheck(box, url, { wait = setTimeout, unwait = clearTimeout, post = postJson } = {}) {
  let timer = null;
  let asked = 0;
  let last = [null, null];

  function say(text, level = "") {
    fill(box, [el("p", { class: level ? `live live--${level}` : "live" }, text)]);
  }

  function show({ conflicts, not_checked: open, outside }) {
    const rows = conflicts.map((c) => el("li", { class: "live__row" }, c.severity !== "info" && el("span", { class: `tag tag--${c.category}` }, c.category_text), " ", c.sentence));
    if (outside && outside.area_m2 >= 1) rows.push(el("li", { class: "live__row" }, t("%(m2)s m² lie outside the village.", { m2: outside.area_m2.toFixed(0) })));
    const none = allClear(open) ? el("p", { class: "live live--good" }, t("No conflict was found.")) : el("p", { class: "live" }, t("No conflict was found in what could be checked."));
    fill(box, [
      rows.length ? el("ul", { class: "plain-list lined" }, ...rows) : none,
      open.length ? el("details", { class: "small" }, el("summary", {}, t("Not checked: %(count)s", { count: open.length })), el("ul", {}, ...open.map(({ name, why }) => el("li", {}, `${name}: ${why}`)))) : null,
    ]);
  }

  async function run(geometry, code, mine) {
    try {
      const answer = await post(url, { geometry, code });
      if (mine === asked) show(answer);
    } catch (error) {
      if (mine === asked) say(t("Not checked now: %(reason)s", { reason: error.message }));
    }
  }

  function ask(geometry, code) {
    if (geometry === last[0] && code === last[1]) return;
    last = [geometry, code];
    unwait(timer);
    const mine = (asked += 1);
    if (!geometry) {
      fill(box, []);
      return;
    }
    if (!code) {
      say(t("Choose a class to see what stands in its way."));
      return;
    }
    say(t("Checking…"));
    timer = wait(() => run(geometry, code, mine), PAUSE);
  }

  return { ask };
}
