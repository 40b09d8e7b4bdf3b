// Lists that the server narrows and cuts into pages: [data-part] is asked for again alone and put in place.
import { fill, on } from "../lib/dom.js";
import { getPart } from "../lib/request.js";

/** parts(bench, {onProblem}) -> {load(name, query), onLoad(handler(name))}; links "?…#…" and selects in a part ask for it. */
export function parts(bench, { onProblem }) {
  const handlers = [];
  const newest = {};

  async function load(name, query) {
    const box = bench.querySelector(`[data-part="${name}"]`);
    const asked = new URLSearchParams(query);
    const mine = (newest[name] = {});
    box.setAttribute("aria-busy", "true");
    try {
      const shown = asked.toString();
      asked.set("part", name);
      const nodes = await getPart(`${window.location.pathname}?${asked}`);
      if (newest[name] !== mine) return false; // somebody chose again meanwhile
      fill(box, nodes);
      window.history.replaceState(null, "", `${window.location.pathname}${shown ? `?${shown}` : ""}#${name}`);
      handlers.forEach((handler) => handler(name));
      return true;
    } catch (error) {
      onProblem(error.message);
      return false;
    } finally {
      if (newest[name] === mine) box.removeAttribute("aria-busy");
    }
  }

  const partOf = (node) => node.closest("[data-part]");
  on(bench, "click", (event) => {
    const link = event.target.closest("a[href^='?']");
    if (!link || !partOf(link) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { part } = partOf(link).dataset;
    load(part, link.search).then((loaded) => loaded && bench.querySelector(`#panel-${part}`).focus({ preventScroll: true }));
  });
  on(bench, "change", async (event) => {
    const { form } = event.target;
    if (event.target.tagName !== "SELECT" || !partOf(event.target)) return;
    const chosen = Array.from(new FormData(form)).filter(([, value]) => value);
    const { id } = event.target;
    if (await load(partOf(event.target).dataset.part, chosen)) document.getElementById(id).focus(); // the next filter by the same key
  });
  return { load, onLoad: (handler) => handlers.push(handler) };
}
