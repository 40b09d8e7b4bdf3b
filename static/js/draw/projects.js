// Projects of the drawing: a list, and a form with their fields and their place.
import { el, fill, on } from "../lib/dom.js";
import { t } from "../lib/words.js";

const FIELDS = ["name", "kind", "budget_wan", "funding_source", "starts_in", "ends_in", "state", "remark"];
const NUMBERS = ["starts_in", "ends_in"];
const KINDS = { point: "point", line: "line", area: "area" };

/** What the form says, as the server wants it: empty numbers are null. */
export function fieldsOf(values) {
  const fields = {};
  for (const name of FIELDS) {
    const text = String(values[name] === null || values[name] === undefined ? "" : values[name]).trim();
    if (NUMBERS.includes(name)) fields[name] = text ? Number(text) : null;
    else fields[name === "kind" ? "project_kind" : name] = name === "budget_wan" ? text || null : text; // `kind` is that of the step
  }
  return fields;
}

export function projectPanel(board, root) {
  const form = root.querySelector("[data-project-form]");
  const list = root.querySelector("[data-project-list]");
  const title = form.querySelector("[data-project-title]");
  const place = form.querySelector("[data-project-place]");
  const remove = form.querySelector("[data-project-remove]");
  let number = null;
  let geometry = null;

  function sayPlace() {
    const words = { Point: t("A point is set."), LineString: t("A line is drawn."), Polygon: t("An area is drawn.") };
    fill(place, [geometry ? words[geometry.type.replace("Multi", "")] || t("A place is set.") : t("No place yet. A project without one stands in the table only.")]);
    board.look.ghosts.set("project", geometry);
    board.redraw();
  }

  function edit(row) {
    number = row ? row.number : null;
    geometry = row ? row.geometry : null;
    for (const name of FIELDS) form.elements[name].value = row ? (row[name] === null ? "" : row[name]) : name === "state" ? "proposed" : "";
    fill(title, [row ? t("Project %(number)s", { number }) : t("New project")]);
    remove.hidden = !row;
    board.look.project = number;
    form.hidden = false;
    board.panel.show();
    sayPlace();
    form.elements.name.focus();
  }

  function close() {
    form.hidden = true;
    board.look.ghosts.delete("project");
    board.look.project = null;
    board.panel.show();
    board.redraw();
  }

  function show() {
    const rows = [...board.state.projects.values()].sort((a, b) => a.number - b.number);
    fill(list, rows.map((row) => el("li", {}, el("button", { type: "button", class: "project-row", "data-project": row.number }, el("strong", {}, row.number), ` ${row.name}`, el("span", { class: "soft small" }, row.kind ? ` · ${row.kind}` : "")))));
    if (!rows.length) fill(list, [el("li", { class: "soft" }, t("No projects yet."))]);
    board.redraw();
  }

  on(list, "click", (event) => {
    const button = event.target.closest("[data-project]");
    if (!button) return;
    edit(board.state.projects.get(Number(button.dataset.project)));
    board.goTo(geometry);
  });
  on(form, "submit", (event) => {
    event.preventDefault();
    const values = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]));
    board.step({ kind: "project", ...(number ? { number } : {}), ...fieldsOf(values), geometry }, { ghost: geometry });
    close();
    board.endTool();
  });
  on(remove, "click", () => {
    board.step({ kind: "project_remove", number });
    close();
    board.endTool();
  });
  on(form.querySelector("[data-project-cancel]"), "click", () => {
    close();
    board.endTool();
  });
  form.querySelectorAll("[data-project-draw]").forEach((button) =>
    on(button, "click", () => {
      const kind = KINDS[button.dataset.projectDraw];
      if (!kind) {
        geometry = null;
        sayPlace();
        return;
      }
      board.draw(kind, (drawn) => {
        geometry = drawn;
        sayPlace();
        form.elements.name.focus();
      });
    })
  );
  return { show, edit, close, isOpen: () => !form.hidden };
}
