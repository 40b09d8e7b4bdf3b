// On every page: larger type, focus on the error summary, buttons that may be pressed once, printing.
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

elderToggle();
pressOnce();
const first = document.querySelector("[data-focus-first]");
if (first) first.focus();
document.querySelectorAll("[data-print]").forEach((button) => on(button, "click", () => window.print()));
