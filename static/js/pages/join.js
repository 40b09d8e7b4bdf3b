// Joining with a household's code: the password can be shown while it is typed, the user name printed.
import { on } from "../lib/dom.js";

const show = document.querySelector("[data-show-password]");
if (show) {
  on(show, "change", () => {
    show.form.elements.password.type = show.checked ? "text" : "password";
  });
}
const print = document.querySelector("[data-print]");
if (print) on(print, "click", () => window.print());
