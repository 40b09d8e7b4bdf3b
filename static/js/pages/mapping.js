// The mapping page: marks the chosen columns in the table of rows and says the name of each class that is typed.
import { byId, fill, on } from "../lib/dom.js";

function markColumns(form) {
  const used = new Set([...form.querySelectorAll("select[data-column]")].map((select) => select.value));
  const heads = [...form.querySelectorAll("[data-head]")];
  const marked = heads.map((head) => used.has(head.dataset.head));
  heads.forEach((head, i) => head.classList.toggle("is-used", marked[i]));
  form.querySelectorAll(".preview-table tbody tr").forEach((row) => [...row.cells].forEach((cell, i) => cell.classList.toggle("is-used", marked[i])));
}

function nameClasses(form) {
  const list = byId("classes");
  if (!list) return;
  const names = new Map([...list.options].map((option) => [option.value, option.textContent]));
  form.querySelectorAll("[data-class]").forEach((input) => {
    const place = input.parentElement.querySelector("[data-class-name]");
    const show = () => fill(place, [names.get(input.value.trim()) || ""]);
    on(input, "input", show);
    show();
  });
}

const form = document.querySelector("[data-mapping]");
if (form) {
  form.querySelectorAll("select[data-column]").forEach((select) => on(select, "change", () => markColumns(form)));
  markColumns(form);
  nameClasses(form);
}
