// A list beside a map: choosing a row goes to its place, choosing a place marks its row.
import { on, reducedMotion } from "../lib/dom.js";

/**
 * linkRows(rows, idOf(row), show(id)) -> {choose(id, {reveal})}. A row is chosen by its button (keys) or anywhere on it
 * (mouse); with `byButtonOnly` by the button alone, for rows that hold text to read.
 */
export function linkRows(rows, idOf, show, { byButtonOnly = false } = {}) {
  const byId = new Map();
  let chosen = null;

  function choose(id, { reveal = false } = {}) {
    if (chosen) {
      chosen.classList.remove("is-current");
      chosen.removeAttribute("aria-current");
    }
    chosen = byId.get(String(id)) || null;
    if (!chosen) return;
    chosen.classList.add("is-current");
    chosen.setAttribute("aria-current", "true");
    if (reveal) chosen.scrollIntoView({ block: "center", behavior: reducedMotion() ? "auto" : "smooth" });
  }

  rows.forEach((row) => {
    const id = idOf(row);
    byId.set(String(id), row);
    on(row, "click", (event) => {
      const button = event.target.closest("[data-show]");
      if (!button && (byButtonOnly || event.target.closest("a, button, summary, input, textarea, select"))) return;
      if (!button && window.getSelection && String(window.getSelection())) return; // somebody copies text
      choose(id);
      show(id);
    });
  });
  return { choose };
}
