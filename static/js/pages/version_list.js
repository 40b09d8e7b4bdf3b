// The list of zones: hides what does not fit while one types. Enter asks the server, which sees all pages.
import { byId, fill, on } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { fits } from "../lib/filter.js";

const input = byId("filter");
const rows = Array.from(document.querySelectorAll("[data-zone]"));
const groups = Array.from(document.querySelectorAll(".zone-group"));
const several = document.querySelector(".pagination");

function narrow() {
  let shown = 0;
  for (const row of rows) {
    row.hidden = !fits(row.dataset.zone, input.value);
    if (!row.hidden) shown += 1;
  }
  for (const group of groups) group.hidden = !group.querySelector("[data-zone]:not([hidden])");
  fill(byId("shown"), [t("Zones shown: %(shown)s of %(total)s.", { shown, total: rows.length })]);
}

if (!several) on(input, "input", narrow);
