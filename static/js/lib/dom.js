// Making and finding elements. Data becomes text nodes only, never markup.

export const byId = (id) => document.getElementById(id);

export function on(target, event, handler, options) {
  if (target) target.addEventListener(event, handler, options);
}

/** el("li", {class: "x", onclick: f, hidden: true}, "text", child, …): attributes by name, listeners by on…, falsy children left out. */
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  fill(node, children);
  return node;
}

/** Replace what a node holds. */
export function fill(node, children) {
  node.textContent = "";
  for (const child of [].concat(...children)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.appendChild(typeof child === "object" ? child : document.createTextNode(String(child)));
  }
}

export const icon = (name) => el("span", { class: `icon icon-${name}`, "aria-hidden": "true" });

/** What a template wrote with {{ … |json_script:"id" }}; `otherwise` if it is not there. */
export function readJson(id, otherwise = null) {
  const node = byId(id);
  return node ? JSON.parse(node.textContent) : otherwise;
}

export const reducedMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

export function scrollTo(node) {
  node.scrollIntoView({ behavior: reducedMotion() ? "auto" : "smooth", block: "start" });
}
