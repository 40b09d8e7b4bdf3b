// Parts of a page as ARIA tabs. The server writes links to sections; without this they are a table of contents.
import { byId, on } from "../lib/dom.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/** tabs(bench) -> {open(name), openAt(hash), current(), onOpen(handler)}; a panel is #panel-<name> with data-panel. */
export function tabs(bench) {
  const list = bench.querySelector("[data-tabs]");
  const links = Array.from(list.querySelectorAll("[data-tab]"));
  const names = links.map((link) => link.dataset.tab);
  const panel = (name) => byId(`panel-${name}`);
  const handlers = [];
  let current = "";

  bench.classList.add("bench--tabs");
  document.documentElement.classList.add("has-bench"); // what gets the focus must not lie under the map or the foot
  list.setAttribute("role", "tablist");
  links.forEach((link) => {
    const name = link.dataset.tab;
    link.id = `tab-${name}`;
    link.setAttribute("role", "tab");
    link.setAttribute("aria-controls", panel(name).id);
    panel(name).setAttribute("role", "tabpanel");
    panel(name).setAttribute("aria-labelledby", link.id);
    panel(name).tabIndex = -1;
  });

  function open(name) {
    if (!names.includes(name) || name === current) return;
    current = name;
    links.forEach((link) => {
      const chosen = link.dataset.tab === name;
      link.setAttribute("aria-selected", String(chosen));
      link.tabIndex = chosen ? 0 : -1;
      panel(link.dataset.tab).classList.toggle("is-shown", chosen);
      if (chosen) list.scrollLeft = link.offsetLeft - (list.clientWidth - link.offsetWidth) / 2;
    });
    handlers.forEach((handler) => handler(name));
  }

  /** The panel's beginning, right below the tabs that stay in view. */
  function toTop() {
    const side = list.closest(".bench__side").getBoundingClientRect();
    if (side.top < 0) window.scrollBy(0, panel(current).getBoundingClientRect().top - list.getBoundingClientRect().bottom);
  }

  /** Open the panel a hash lies in and go there; false if it is in none. */
  function openAt(hash) {
    const node = hash.length > 1 ? byId(decodeURIComponent(hash.slice(1))) : null;
    const inside = node && bench.contains(node) ? node.closest("[data-panel]") : null;
    if (!inside) return false;
    open(inside.dataset.panel);
    if (node.tagName === "DETAILS") node.open = true;
    const heading = inside.firstElementChild;
    if (node === heading || heading.contains(node)) toTop();
    else node.scrollIntoView({ block: "center" });
    return true;
  }

  on(list, "click", (event) => {
    const link = event.target.closest("[data-tab]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    window.history.replaceState(null, "", link.hash);
    open(link.dataset.tab);
    toTop();
  });
  on(list, "keydown", (event) => {
    const at = names.indexOf(current);
    const ends = { Home: 0, End: names.length - 1 };
    const to = event.key in ends ? ends[event.key] : event.key in STEPS ? (at + STEPS[event.key] + names.length) % names.length : -1;
    if (to < 0) return;
    event.preventDefault();
    links[to].focus();
    links[to].click();
  });
  on(document, "click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || link.matches("[data-tab]") || !openAt(link.hash)) return;
    event.preventDefault();
    window.history.replaceState(null, "", link.hash);
    panel(current).focus({ preventScroll: true });
  });
  on(window, "hashchange", () => openAt(window.location.hash));
  open(names[0]);
  return { open, openAt, names, current: () => current, onOpen: (handler) => handlers.push(handler) };
}
