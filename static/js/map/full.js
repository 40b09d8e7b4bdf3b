// Full screen without the browser's full-screen mode, which iPhones do not give to pages.
import { on } from "../lib/dom.js";

/** Everything beside the path from a node up to the body. */
export function others(node) {
  const found = [];
  for (let at = node; at && at !== document.body; at = at.parentElement) {
    for (const sibling of at.parentElement.children) if (sibling !== at) found.push(sibling);
  }
  return found;
}

export function fullScreen(frame, button, onChange) {
  const isFull = () => frame.classList.contains("map-frame--full");
  let silenced = [];

  function set(full) {
    frame.classList.toggle("map-frame--full", full);
    document.body.classList.toggle("map-is-full", full);
    button.setAttribute("aria-pressed", String(full));
    if (full) {
      silenced = others(frame).filter((node) => !node.inert && node.tagName !== "SCRIPT");
      silenced.forEach((node) => (node.inert = true));
    } else {
      silenced.forEach((node) => (node.inert = false));
    }
    onChange(full);
  }

  on(button, "click", () => set(!isFull()));
  on(document, "keydown", (event) => {
    if (event.key === "Escape" && isFull()) {
      set(false);
      button.focus();
    }
  });
  return { isFull, leave: () => isFull() && set(false) };
}
