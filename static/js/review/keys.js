// Single keys of the review page. They do nothing while somebody types, and can be switched off (WCAG 2.1.4).
import { on } from "../lib/dom.js";

const OFF = "review-keys-off";
const TYPED = "input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]), textarea, select, [contenteditable]";

function remembered() {
  try {
    return window.localStorage.getItem(OFF) === "1";
  } catch (error) {
    return false;
  }
}

function remember(off) {
  try {
    window.localStorage.setItem(OFF, off ? "1" : "");
  } catch (error) {
    // then for this page only
  }
}

/** keys(dialog, opener, actions): `actions` are functions by key; "?" opens the dialog that explains them. */
export function keys(dialog, opener, actions) {
  const onOff = dialog.querySelector("[data-keys-on]");
  onOff.checked = !remembered();
  const help = () => (dialog.showModal ? dialog.showModal() : dialog.setAttribute("open", ""));
  const close = () => (dialog.close ? dialog.close() : dialog.removeAttribute("open"));

  on(onOff, "change", () => remember(!onOff.checked));
  on(opener, "click", help);
  on(dialog.querySelector("[data-keys-close]"), "click", close);
  on(document, "keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (dialog.open || !onOff.checked || event.target.closest(TYPED)) return;
    const act = event.key === "?" ? help : actions[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
