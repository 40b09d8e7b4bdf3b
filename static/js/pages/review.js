// The review page: lists in tabs beside the map that stays in view. A row, a shape and a pin lead to each other.
import { lookAgain } from "../lib/again.js";
import { on, readJson } from "../lib/dom.js";
import { showJob } from "../lib/progress.js";
import { getJson } from "../lib/request.js";
import { openMap } from "../map/map.js";
import { pin } from "../map/pins.js";
import { findings, findingShapes } from "../review/findings.js";
import { keys } from "../review/keys.js";
import { parts } from "../review/parts.js";
import { chooser, places } from "../review/places.js";
import { points } from "../review/points.js";
import { swiping } from "../review/swiping.js";
import { tabs } from "../review/tabs.js";

const RELOAD = 5000;

const watched = document.querySelector("[data-job]");
if (watched) {
  const stop = showJob(watched, () => window.location.reload());
  on(window, "beforeunload", stop); // whoever goes on to another page is not called back
}
lookAgain("[data-reload]", RELOAD);

/** The row of a zone in the open tab: a conflict, a change, a comment or an opinion. */
function rowOfZone(bench, name, number) {
  const rows = Array.from(bench.querySelectorAll(`#panel-${name} [data-zones]`));
  return rows.find((row) => row.dataset.zones.split(" ").includes(String(number)));
}

/** What lies at a place, said under the map; the row of its zone is opened. */
function identify(map, url, onZone) {
  let asked = 0;
  map.onPlace(async ({ lat, lon }) => {
    const mine = (asked += 1);
    try {
      const answer = await getJson(`${url}?lon=${lon.toFixed(7)}&lat=${lat.toFixed(7)}`);
      if (mine !== asked) return;
      map.say(answer.sentences.join(" "));
      if (answer.planned) onZone(answer.planned.zone);
    } catch (error) {
      if (mine === asked) map.say(error.message, "error");
    }
  });
}

async function withMap(bench, frame, { tab, list, choose }) {
  const options = readJson(frame.dataset.map);
  const map = await openMap(frame, options);
  if (!map) return { toggle() {} };
  frame.querySelector("[data-map-status]").tabIndex = 0; // on a phone it is low and scrolls
  map.show({ conflicts: false }); // drawn as shapes that can be clicked instead
  const older = swiping(bench, frame, map, options);
  const placed = places(bench, map, { choose, mark: older.mark });
  const openRow = (name, row) => {
    tab.open(name);
    choose(row, { reveal: true });
  };
  identify(map, options.identify, (zone) => {
    if (tab.current() === "findings") list.chooseZone(zone);
    const row = rowOfZone(bench, tab.current(), zone);
    if (row) placed.show(row, { reveal: true });
  });
  for (const { number, id, lat, lon, answered } of options.pins) {
    const onClick = () => {
      const row = document.getElementById(`comment-${id}`);
      if (row) openRow("comments", row);
    };
    pin(lat, lon, number, { kind: answered ? "answered" : "", title: String(number), onClick }).addTo(map.leaflet);
  }
  list.onChoose((row) => map.show({ zone: row.dataset.zone ? [Number(row.dataset.zone)] : null }));
  findingShapes(map, options, list, {
    onShape(key) {
      tab.open("findings");
      return list.chooseKey(key);
    },
  });
  return older;
}

async function start(bench) {
  const tab = tabs(bench);
  const choose = chooser();
  const asked = parts(bench, { onProblem: (text) => bench.querySelector("[data-step-said]").append(text) });
  const list = findings(bench, { parts: asked, choose });
  const steps = bench.querySelector("[data-steps]");
  const showSteps = () => (steps.hidden = tab.current() !== "findings");
  tab.onOpen(showSteps);
  showSteps();
  const { hash } = window.location;
  if (!tab.openAt(hash) && /^#(comment-|history)/.test(hash)) {
    const all = bench.querySelector("#panel-comments [data-show-all]");
    if (all) window.location.replace(`${all.search}${hash}`); // the comment is not among those shown at once
  }
  const chooseAt = ({ hash: wanted }) => wanted.startsWith("#finding-") && list.chooseKey(wanted.slice("#finding-".length));
  chooseAt(window.location);
  on(window, "hashchange", () => chooseAt(window.location)); // after the tab was opened
  const frame = bench.querySelector("[data-map]");
  const { version } = frame ? readJson(frame.dataset.map) : {};
  const pointList = points(bench, version, { parts: asked, list });
  const ready = frame ? withMap(bench, frame, { tab, list, choose }) : Promise.resolve({ toggle() {} });
  const stepHere = (by) => {
    tab.open("findings");
    list.step(by);
  };
  const actions = { j: () => stepHere(1), k: () => stepHere(-1), p: () => pointList.toggle() };
  actions.v = () => ready.then((older) => older.toggle());
  tab.names.forEach((name, at) => (actions[String(at + 1)] = () => tab.open(name)));
  keys(document.querySelector("[data-keys]"), bench.querySelector("[data-keys-help]"), actions);
}

const bench = document.querySelector("[data-bench]");
if (bench) start(bench);

// site.js opens the legend where there is room; here its thirty classes would stand between the map and the conflicts.
const legend = document.querySelector(".legend-block");
if (legend) legend.open = false;

// A note half written is not lost by a wrong click.
const note = document.querySelector("#note-return");
if (note) {
  let sending = false;
  on(note.form, "submit", () => (sending = true));
  on(window, "beforeunload", (event) => !sending && note.value !== note.defaultValue && event.preventDefault());
}
