// On every page: larger type, focus on the error summary, forms that are sent once, printing.
import { byId, on } from "../lib/dom.js";
import { remember } from "../lib/elder.js";

function elderToggle() {
  const button = byId("elder-toggle");
  if (!button) return;
  const root = document.documentElement;
  const show = () => button.setAttribute("aria-pressed", String(root.classList.contains("elder")));
  show();
  on(button, "click", () => {
    root.classList.toggle("elder");
    remember(root.classList.contains("elder"));
    show();
    window.dispatchEvent(new Event("resize")); // maps measure themselves again
  });
}

function pressOnce() {
  document.querySelectorAll("form[method=post]").forEach((form) => {
    on(form, "submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
    });
  });
  on(window, "pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
}

/** Which was used last: keys get rings and the map's cross, fingers do not. */
function inputKind() {
  const root = document.documentElement;
  on(document, "keydown", () => (root.dataset.input = "keys"), true);
  on(document, "pointerdown", () => (root.dataset.input = "pointer"), true);
}

/** Details that have room on a large screen begin open there. */
function openWide() {
  if (!window.matchMedia("(min-width: 62rem)").matches) return;
  document.querySelectorAll("details[data-open-wide]").forEach((details) => (details.open = true));
}

elderToggle();
inputKind();
openWide();
pressOnce();
const first = document.querySelector("[data-focus-first]");
if (first) first.focus();
document.querySelectorAll("[data-print]").forEach((button) => on(button, "click", () => window.print()));
