// Looking for zones: by class, by size in 亩, by state. What does not match fades, what matches is counted and listed.
import { el, fill, icon } from "../lib/dom.js";
import { M2_PER_MU, area } from "../lib/format.js";
import { getJson } from "../lib/request.js";
import { t } from "../lib/words.js";

const PAUSE = 300;

/** What a form says, {code, from, to, state} with sizes in 亩, without what says nothing; null if it asks for everything. */
export function wanted({ code = "", from = "", to = "", state = "" }) {
  const found = {};
  const digits = String(code).trim().split(/\s/)[0].replace(/\D/g, "").slice(0, 6);
  if (digits) found.code = digits;
  for (const [name, value] of [["from", from], ["to", to]]) {
    const size = Number.parseFloat(String(value).replace(",", "."));
    if (Number.isFinite(size) && size >= 0 && (name === "to" || size > 0)) found[name] = size;
  }
  if (state === "conflict" || state === "changed") found.state = state;
  return Object.keys(found).length ? found : null;
}

/** The question to the server: sizes in m². */
export function question({ code, from, to, state }) {
  const asked = new URLSearchParams();
  if (code) asked.set("code", code);
  if (from !== undefined) asked.set("least_m2", String(from * M2_PER_MU));
  if (to !== undefined) asked.set("most_m2", String(to * M2_PER_MU));
  if (state) asked.set("state", state);
  return asked.toString();
}

export function filterSection({ map, options, phone }) {
  const classes = el("datalist", { id: "map-classes" }, ...Object.entries(options.classes || {}).map(([code, name]) => el("option", { value: `${code} ${name}` })));
  const code = el("input", { id: "map-code", class: "form-control", list: "map-classes", autocomplete: "off", inputmode: "numeric" });
  const [from, to] = ["map-from", "map-to"].map((id) => el("input", { id, class: "form-control", type: "number", min: "0", step: "any", inputmode: "decimal" }));
  const states = [["", t("All zones")], ["conflict", t("In conflict")], ...(options.changed ? [["changed", t("Other use than today")]] : [])];
  const state = el("select", { id: "map-state", class: "form-select" }, ...states.map(([value, text]) => el("option", { value }, text)));
  const said = el("p", { role: "status" });
  const list = el("ul", { class: "plain-list lined found-zones" });
  let asked = 0;
  let timer = null;
  let told = false;

  /** What is looked for cannot be marked on this scale: said once for each. */
  function onVague() {
    if (!told) map.say(t("Zoom in to see the zones marked."));
    told = true;
  }
  map.leaflet.on("zoomstart", () => (told = false));

  function row(zone) {
    const show = () => {
      if (phone.matches) map.closeTools();
      map.show({ zone: zone.number });
      map.fit(zone.bbox, { maxZoom: 18, padding: [40, 40] });
      map.say(t("Shown on the map: %(name)s", { name: t("Zone %(number)s", { number: zone.number }) }));
    };
    return el("li", {}, el("span", {}, el("strong", {}, t("Zone %(number)s", { number: zone.number })), el("span", { class: "place-layers__more" }, `${zone.name} ${zone.code} · ${area(zone.area_m2)}`)),
      el("button", { type: "button", class: "btn btn-link btn-sm", onclick: show }, icon("place"), t("Go there"), el("span", { class: "visually-hidden" }, ` ${t("Zone %(number)s", { number: zone.number })}`)));
  }

  async function ask() {
    const what = wanted({ code: code.value, from: from.value, to: to.value, state: state.value });
    asked += 1;
    const mine = asked;
    map.remember({ code: undefined, from: undefined, to: undefined, state: undefined, ...what });
    if (!what) {
      fill(said, []);
      fill(list, []);
      map.show({ found: null });
      return;
    }
    try {
      const found = await getJson(`${options.matching}?${question(what)}`);
      if (mine !== asked) return;
      told = false;
      map.show({ found: { numbers: new Set(found.numbers), code: Object.keys(what).length === 1 ? what.code : undefined, onVague }, ...(map.view.mode === "plan" ? {} : { mode: "plan" }) });
      fill(said, [t("Zones that match: %(count)s, %(area)s.", { count: found.count, area: area(found.area_m2) }), found.count > found.zones.length && ` ${t("The first %(shown)s are listed.", { shown: found.zones.length })}`]);
      fill(list, found.zones.map(row));
    } catch (error) {
      if (mine === asked) fill(said, [error.message]);
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  }

  function clear() {
    for (const input of [code, from, to, state]) input.value = "";
    ask();
    code.focus();
  }

  const field = (input, label) => el("div", { class: "tool-field" }, el("label", { for: input.id }, label), input);
  const node = el("div", { oninput: soon },
    field(code, t("Class: code or its beginning")), classes,
    el("div", { class: "tool-pair" }, field(from, t("From (mu)")), field(to, t("To (mu)"))),
    field(state, t("State")),
    el("p", {}, el("button", { type: "button", class: "btn btn-outline-primary btn-sm", onclick: clear }, t("Show all zones again"))),
    said, list);
  function restore() {
    clearTimeout(timer);
    for (const [input, name] of [[code, "code"], [from, "from"], [to, "to"], [state, "state"]]) input.value = map.remembered[name] ?? "";
    ask();
  }

  const unfolded = wanted(map.remembered) !== null;
  if (unfolded) restore();
  return { title: t("Find zones"), node, unfolded, restore };
}
