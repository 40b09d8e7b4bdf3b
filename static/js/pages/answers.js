// The page of work of the committee: all of a group at a press, and how many are chosen, said aloud.
import { on } from "../lib/dom.js";

const form = document.querySelector(".answers-form");

function boxes(inside) {
  return [...inside.querySelectorAll('input[name="comments"]')];
}

function told() {
  const count = boxes(form).filter((box) => box.checked).length;
  form.querySelectorAll("[data-chosen-count]").forEach((place) => {
    place.textContent = `${place.dataset.words} ${count}`;
  });
  form.querySelector("[data-jump]").hidden = !count;
  form.querySelectorAll("[data-choose-all]").forEach((button) => {
    button.setAttribute("aria-pressed", boxes(button.closest("fieldset")).every((box) => box.checked));
  });
}

if (form) {
  on(form, "change", told);
  form.querySelectorAll("[data-choose-all]").forEach((button) => on(button, "click", () => {
    const own = boxes(button.closest("fieldset"));
    const all = own.every((box) => box.checked);
    own.forEach((box) => { box.checked = !all; });
    told();
  }));
  told();
}
