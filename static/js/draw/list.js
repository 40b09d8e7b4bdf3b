// The zones as a list: every zone can be found, chosen and put together with others without the map.
import { el, fill, on } from "../lib/dom.js";
import { fits } from "../lib/filter.js";
import { area } from "../lib/format.js";
import { t } from "../lib/words.js";
import { swatch } from "./picker.js";
import { zoneText } from "./says.js";

const MOST = 60; // rows at once; typing finds the others

export function zoneList(box, { zones, chosen, onChoose, onlyIn }) {
  const search = box.querySelector("[data-list-search]");
  const rows = box.querySelector("[data-list-rows]");
  const count = box.querySelector("[data-list-count]");
  let most = MOST;

  function row(zone) {
    const name = zoneText(zone) + (zone.label ? ` · ${zone.label}` : "");
    return el("li", { class: `zone-row${chosen.has(zone.number) ? " is-current" : ""}` },
      el("input", { type: "checkbox", "data-also": zone.number, checked: chosen.has(zone.number), "aria-label": t("Choose zone %(number)s as well", { number: zone.number }) }),
      el("button", { type: "button", "data-zone": zone.number, "aria-pressed": String(chosen.has(zone.number)) },
        swatch(zone.colour), el("strong", {}, zone.number), el("span", { title: name }, name), el("span", { class: "soft small" }, area(zone.area_m2))));
  }

  function show() {
    const focused = document.activeElement && rows.contains(document.activeElement) ? document.activeElement.dataset : null;
    const only = onlyIn();
    const found = [...zones.values()].filter((zone) => (!only || only(zone)) && fits(`${zone.number} ${zone.code} ${zone.name || ""} ${zone.label || ""} ${zone.remark || ""}`, search.value));
    found.sort((a, b) => a.number - b.number);
    fill(rows, found.slice(0, most).map(row));
    if (found.length > most) rows.appendChild(el("li", {}, el("button", { type: "button", class: "btn btn-link btn-sm", "data-more": true }, t("Show more"))));
    fill(count, [t("%(shown)s of %(total)s zones", { shown: Math.min(found.length, most), total: zones.size })]);
    if (focused) {
      const again = rows.querySelector(focused.zone ? `[data-zone="${focused.zone}"]` : `[data-also="${focused.also}"]`);
      if (again) again.focus();
    }
  }

  on(search, "input", () => {
    most = MOST;
    show();
  });
  on(rows, "click", (event) => {
    const button = event.target.closest("[data-zone]");
    if (button) onChoose([Number(button.dataset.zone)], { go: true });
    if (event.target.closest("[data-more]")) {
      most *= 4;
      show();
    }
  });
  on(rows, "change", (event) => {
    const number = Number(event.target.dataset.also);
    onChoose(event.target.checked ? [...chosen, number] : [...chosen].filter((other) => other !== number), {});
  });
  return { show };
}
