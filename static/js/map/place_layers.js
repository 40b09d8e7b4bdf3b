// Beside the sentences about a place: every layer that lies there, each with its figures and "Show", and the place in coordinates.
import { el, icon } from "../lib/dom.js";
import { area } from "../lib/format.js";
import { t } from "../lib/words.js";
import { written } from "./coordinates.js";

const near = ({ distance_m: metres }) => t("%(metres)s m away", { metres });

/** The rows of all layers: {title, rows: [{text, more, bbox, chosen, zone, link}]}, those with something in them. */
export function layersOf(said) {
  const { now, planned, lines = [], conflicts = [], projects = [], facilities = [], comments = [] } = said;
  return [
    { title: t("Planned land use"), rows: planned ? [{
      text: t("Zone %(number)s", { number: planned.zone }) + (planned.label && planned.label !== String(planned.zone) ? ` (${planned.label})` : ""),
      more: `${planned.name} ${planned.code} · ${area(planned.area_m2)}`, bbox: planned.bbox, zone: planned.zone,
    }] : [] },
    { title: t("Land today (base year)"), rows: now ? [{
      text: now.number ? t("Parcel %(number)s", { number: now.number }) : now.name, more: `${now.name} ${now.code} · ${area(now.area_m2)}`, bbox: now.bbox,
      chosen: { source: "base", layer: "parcels", is: { number: now.number } }, mode: "now",
    }] : [] },
    { title: t("Control lines"), rows: lines.map((line) => ({
      text: line.kind_text, more: [line.name, line.area_m2 === null ? "" : area(line.area_m2)].filter(Boolean).join(" · "), bbox: line.bbox,
      chosen: { source: "base", layer: "control_lines", is: { number: line.number } },
    })) },
    { title: t("Conflicts"), rows: conflicts.map((found) => ({ text: found.name, more: found.text, bbox: found.bbox, chosen: { source: "version", layer: "findings", is: { number: found.number } } })) },
    { title: t("Projects"), rows: projects.map((project) => ({
      text: project.name, more: `${project.state_text} · ${near(project)}`, bbox: project.bbox, chosen: { source: "version", layer: "projects", is: { number: project.number } },
    })) },
    { title: t("Public facilities"), rows: facilities.map((facility) => ({
      text: facility.name, more: `${facility.kind_text} · ${near(facility)}`, bbox: facility.bbox, chosen: { source: "base", layer: "facilities", is: { name: facility.name } },
    })) },
    { title: t("Comments"), rows: comments.map((comment) => ({
      text: t("Comment %(number)s", { number: comment.number }), more: `${comment.words}${comment.answered ? ` · ${t("answered")}` : ""}`, link: `#comment-${comment.id}`,
    })) },
  ].filter(({ rows }) => rows.length);
}

function row(map, { text, more, bbox, chosen = null, zone, mode, link }, leave) {
  const show = () => {
    leave();
    map.show({ chosen, ...(zone ? { zone } : {}), ...(mode && map.view.mode === "plan" ? { mode } : {}) });
    map.fit(bbox, { maxZoom: 18, padding: [60, 60] });
    map.say(t("Shown on the map: %(name)s", { name: text }));
  };
  const button = bbox && el("button", { type: "button", class: "btn btn-link btn-sm", onclick: show }, icon("place"), t("Go there"), el("span", { class: "visually-hidden" }, ` ${text}`));
  const read = link && el("a", { class: "btn btn-link btn-sm", href: link, onclick: () => map.full.leave() }, t("Read it"), el("span", { class: "visually-hidden" }, ` ${text}`));
  return el("li", {}, el("span", {}, el("strong", {}, text), more && el("span", { class: "place-layers__more" }, more)), button || read);
}

/** Everything at a place, folded up: the sentences come first. `leave` makes room on a phone before something is shown. */
export function placeLayers(map, said, leave) {
  const groups = layersOf(said);
  const count = groups.reduce((sum, { rows }) => sum + rows.length, 0);
  if (!count) return null;
  return el("details", { class: "place-layers" }, el("summary", {}, t("All layers here (%(count)s)", { count })),
    ...groups.map(({ title, rows }) => el("div", {}, el("h3", {}, title), el("ul", {}, ...rows.map((entry) => row(map, entry, leave))))));
}

/** Copies a text; where the browser does not allow it, says the text instead. */
export async function copy(map, text) {
  try {
    await navigator.clipboard.writeText(text);
    map.say(t("Copied: %(text)s", { text }));
  } catch (_error) {
    map.say(text);
  }
}

/** The three ways to write a place, each with a button that copies it. */
export function coordinateRows(map, place) {
  const { decimal, sexagesimal, plane, zone } = written(place);
  const rows = [
    [t("Longitude, latitude"), decimal],
    [t("Degrees, minutes, seconds"), sexagesimal],
    [t("Gauss-Kruger, zone %(zone)s", { zone }), plane],
  ];
  return el("dl", { class: "coordinates" }, ...rows.map(([name, text]) => el("div", {}, el("dt", {}, name), el("dd", {}, el("span", {}, text),
    el("button", { type: "button", class: "btn btn-link btn-sm", onclick: () => copy(map, text) }, t("Copy"), el("span", { class: "visually-hidden" }, ` ${name}`))))));
}

export const placeCoordinates = (map, place) => el("details", { class: "place-layers" }, el("summary", {}, t("Coordinates (CGCS2000)")), coordinateRows(map, place));
