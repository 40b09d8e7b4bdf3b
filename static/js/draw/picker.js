// Choosing a land-use class: search by code or name, the classification as groups, the classes of this drawing first; or by colour alone.
import { el, fill, on } from "../lib/dom.js";
import { fits } from "../lib/filter.js";
import { t } from "../lib/words.js";

const MOST_USED = 6;
let made = 0;

/** [{title, classes}]: the most used first, then the groups of the first level; only what fits what was typed. */
export function groupClasses(classes, { typed = "", used = [] } = {}) {
  const known = new Map(classes.map((c) => [c.code, c]));
  const wanted = (c) => fits(`${c.code} ${c.name} ${c.name_zh} ${c.name_en}`, typed);
  const groups = [];
  const first = used.slice(0, MOST_USED).map((code) => known.get(code)).filter((c) => c && wanted(c));
  if (first.length) groups.push({ title: t("Most used here"), classes: first });
  const heads = new Map();
  for (const c of classes) {
    if (!wanted(c)) continue;
    const head = known.get(c.code.slice(0, 2)) || c;
    if (!heads.has(head.code)) heads.set(head.code, { title: `${head.code} ${head.name}`, classes: [] });
    heads.get(head.code).classes.push(c);
  }
  return [...groups, ...heads.values()];
}

/** A colour of data on an element: the style property is not an inline style, the content policy allows it. */
export function swatch(colour) {
  const node = el("span", { class: "swatch", "aria-hidden": "true" });
  if (colour) node.style.backgroundColor = colour;
  else node.classList.add("swatch--none");
  return node;
}

/**
 * A button that shows the class and opens the list below it. `used()` gives codes, `onPick(class)` is told.
 * show(code) sets what the button says; open() opens it with the focus in the search field.
 */
export function classPicker(box, classes, { label, used, onPick }) {
  const id = `picker-${(made += 1)}`;
  const now = el("button", { type: "button", class: "picker__now", "aria-expanded": "false", "aria-controls": id });
  const search = el("input", { type: "text", class: "picker__search", role: "combobox", "aria-expanded": "true", "aria-controls": `${id}-list`, "aria-autocomplete": "list", "aria-label": t("Search a class by code or name"), placeholder: t("Code or name"), autocomplete: "off", spellcheck: "false" });
  const colours = el("button", { type: "button", class: "btn btn-outline-primary btn-sm", "aria-pressed": "false" }, t("By colour"));
  const list = el("div", { id: `${id}-list`, role: "listbox", class: "picker__list", "aria-label": label, tabindex: "-1" });
  const pop = el("div", { id, class: "picker__pop", hidden: true }, el("div", { class: "picker__head" }, search, colours), list);
  const known = new Map(classes.map((c) => [c.code, c]));
  let options = [];
  let at = -1;
  let code = "";
  fill(box, [now, pop]);

  function option(c) {
    const node = el("div", { role: "option", id: `${id}-${options.length}`, class: "picker__option", "aria-selected": String(c.code === code), "data-code": c.code, title: `${c.code} ${c.name}` }, swatch(c.colour), el("span", { class: "picker__code" }, c.code), el("span", { class: "picker__name" }, c.name));
    options.push({ node, c });
    return node;
  }

  function draw() {
    options = [];
    at = -1;
    const groups = groupClasses(classes, { typed: search.value, used: used() });
    fill(list, groups.map(({ title, classes: rows }, i) => el("div", { role: "group", "aria-labelledby": `${id}-g${i}`, class: "picker__group" }, el("div", { id: `${id}-g${i}`, class: "picker__title", role: "presentation" }, title), ...rows.map(option))));
    if (!options.length) fill(list, [el("p", { class: "soft" }, t("No class fits."))]);
    mark(search.value && options.length ? 0 : -1);
  }

  function mark(index) {
    if (options[at]) options[at].node.classList.remove("is-current");
    at = index;
    if (!options[at]) {
      search.removeAttribute("aria-activedescendant");
      return;
    }
    options[at].node.classList.add("is-current");
    options[at].node.scrollIntoView({ block: "nearest" });
    search.setAttribute("aria-activedescendant", options[at].node.id);
  }

  function open() {
    pop.hidden = false;
    now.setAttribute("aria-expanded", "true");
    search.value = "";
    draw();
    search.focus();
  }

  function close(focus) {
    pop.hidden = true;
    now.setAttribute("aria-expanded", "false");
    if (focus) now.focus();
  }

  function pick(c) {
    show(c.code);
    close(true);
    onPick(c);
  }

  function show(next) {
    code = next;
    const c = known.get(code);
    fill(now, [swatch(c && c.colour), el("span", {}, c ? `${c.code} ${c.name}` : code || t("Choose a class"))]);
    now.setAttribute("aria-label", `${label}: ${c ? `${c.code} ${c.name}` : t("none yet")}`);
  }

  on(now, "click", () => (pop.hidden ? open() : close(false)));
  on(search, "input", draw);
  on(colours, "click", () => {
    const pressed = list.classList.toggle("picker__list--colours");
    colours.setAttribute("aria-pressed", String(pressed));
  });
  on(list, "click", (event) => {
    const node = event.target.closest("[data-code]");
    if (node) pick(known.get(node.dataset.code));
  });
  on(pop, "keydown", (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.key in moves && event.target === search) mark(Math.max(0, Math.min(options.length - 1, at + moves[event.key])));
    else if (event.key === "Enter" && event.target === search && options[at]) pick(options[at].c);
    else if (event.key === "Escape") close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  show("");
  return { show, open, close, isOpen: () => !pop.hidden };
}
