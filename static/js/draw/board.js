// The drawing board: what its parts share. The parts are wired here; each does one thing and knows the others only through `board`.
import { byId, el, fill, on, readJson } from "../lib/dom.js";
import { getJson, postJson } from "../lib/request.js";
import { t } from "../lib/words.js";
import { L } from "../map/leaflet.js";
import { openMap } from "../map/map.js";
import { aiming } from "./aim.js";
import { claim } from "./alone.js";
import { boxOf, inside, nearestOnSegment, pointsOf, ringsOf } from "./geometry.js";
import { liveCheck } from "./live.js";
import { linesAbove } from "./lines.js";
import { zoneList } from "./list.js";
import { meeting } from "./meeting.js";
import { nodeIndex } from "./nodes.js";
import { overlay } from "./overlay.js";
import { zonePanel } from "./panel.js";
import { projectPanel } from "./projects.js";
import { causeOf, stepQueue } from "./queue.js";
import { redoText, savedText, othersText, undoText } from "./says.js";
import { shapeGrid, snapTo } from "./snap.js";
import { drawingState } from "./state.js";
import { toolBar } from "./tools.js";
import { totalsFoot } from "./totals.js";
import { whoNow } from "./who.js";
import { zoneLayer } from "./zones.js";

const LOOK_FOR_OTHERS = 15; // seconds
const WAIT_FOR_PERSON = ["signed_out", "other", "denied"];
const IN_ANOTHER_TAB = () => t("You are drawing this plan in another tab. Here you can only look; close the other tab and load this page again to draw here.");

function storage() {
  try {
    return window.localStorage;
  } catch (error) {
    return null; // forbidden: steps live as long as the page
  }
}

/** Base parcels to snap to; without them (no right, no line) one snaps to zones alone. */
async function loadParcels(url, grid) {
  let next = url && `${url}?page_size=1000`;
  while (next) {
    const page = await getJson(next, { headers: { Accept: "application/geo+json, application/json" } });
    for (const feature of page.features) grid.put(feature.properties.number, ringsOf(feature.geometry));
    const follow = page.next || (page.links || []).filter((link) => link.rel === "next").map((link) => link.href)[0];
    next = follow ? new URL(follow, window.location.href).pathname + new URL(follow, window.location.href).search : null;
  }
}

/** What the overlay shows; ghosts: shapes of steps that are on their way, by key. */
const newLook = () => ({ sketch: null, pointer: null, snap: null, ghosts: new Map(), project: null });

export async function openBoard(root) {
  const frame = root.querySelector("[data-map]");
  const options = readJson(frame.dataset.map);
  const { version: _, ...below } = options.tiles; // the plan it was begun from is drawn by the board itself
  const map = await openMap(frame, { ...options, tiles: below, mode: "now", ready: t("The board is ready. Choose a zone, or a tool.") });
  if (!map) return null;
  const { leaflet } = map;
  map.show({ off: ["labels", "facilities"] }); // words and signs below the zones would shine through them
  const [drawing, classes] = await Promise.all([getJson(options.drawing), getJson(options.classes)]);
  const known = new Map();
  for (const c of classes.results) if (c.code_version === "2023") known.set(c.code, c);

  const nodes = nodeIndex();
  const zoneGrid = shapeGrid();
  const parcelGrid = shapeGrid();
  const chosen = new Set();
  const pending = new Map(); // key -> {shapes: Map, ghost}
  const look = newLook();
  const snapSwitch = root.querySelector("[data-snap]");
  const isAlone = drawing.state !== "open" || (await claim(options.drawing));
  const isOpen = drawing.state === "open" && isAlone;

  const board = {
    root, map, leaflet, nodes, chosen, look, options, isOpen,
    say: map.say,
    byKeys: () => document.documentElement.dataset.input === "keys",
    redraw: () => above.redraw(),
    onFreshClass() {},
    isDrawingZone: () => false,
    focusMap: () => leaflet.getContainer().focus({ preventScroll: true }),
  };
  board.aim = aiming(leaflet, [zoneGrid, parcelGrid], () => snapSwitch.checked);
  board.state = drawingState((numbers) => shapesChanged(numbers));

  const zones = zoneLayer(leaflet, { zones: board.state.zones, shape: nodes.shape, chosen, outline: drawing.village.outline });
  const above = overlay(leaflet, () => ({ ...look, ghosts: [...look.ghosts.values()].filter(Boolean), projects: [...board.state.projects.values()] }), zones.paintChosen);

  /** Over a base map the land of the base year below the zones makes way, and they grow paler. */
  function ground(on) {
    if ((map.view.mode === "none") === on) return;
    zones.show({ overPicture: on });
    map.show({ mode: on ? "none" : "now" });
  }
  map.onShow((view) => ground(Boolean(view.ground)));
  ground(Boolean(map.view.ground));

  /** A shape as it is now known: the server's, or what a step on its way will make of it. */
  function setShape(number, geometry) {
    nodes.put(number, geometry);
    zoneGrid.put(number, ringsOf(geometry));
  }

  function shapesChanged(numbers) {
    const waiting = new Map();
    for (const { shapes } of pending.values()) for (const [number, geometry] of shapes || []) waiting.set(number, geometry);
    for (const number of numbers) {
      const zone = board.state.zones.get(number);
      setShape(number, zone ? waiting.get(number) || zone.geometry : null);
      if (!zone) chosen.delete(number);
    }
    zones.changed(numbers);
  }

  /** Shapes while a corner is dragged; null puts back what was there. */
  let previewed = new Map();
  board.preview = (shapes) => {
    const before = previewed;
    previewed = shapes || new Map();
    zones.preview(previewed, [...before.keys()]);
    for (const [number, geometry] of previewed) panel.showArea(number, geometry);
    board.redraw();
  };

  board.zoneAt = (place) => {
    for (const number of board.state.zones.keys()) {
      const box = zones.boxOf(number);
      if (box && place[0] >= box[0] && place[0] <= box[2] && place[1] >= box[1] && place[1] <= box[3] && inside(place, nodes.shape(number))) return number;
    }
    return null;
  };

  board.aimAt = (grids) => {
    const at = board.aim.toPixel([leaflet.getCenter().lng, leaflet.getCenter().lat]);
    const [west, north] = board.aim.toPlace([at[0] - 30, at[1] - 30]);
    const [east, south] = board.aim.toPlace([at[0] + 30, at[1] + 30]);
    const lines = grids.flatMap((grid) => grid.near([west, south, east, north])).flat();
    return snapTo(at, lines, { reach: 24, toPixel: board.aim.toPixel, toPlace: board.aim.toPlace });
  };

  board.distanceTo = (place, a, b) => {
    const [p, from, to] = [place, a, b].map(board.aim.toPixel);
    const { point } = nearestOnSegment(p, from, to);
    return Math.hypot(point[0] - p[0], point[1] - p[1]);
  };

  board.goTo = (geometry) => {
    const box = boxOf(pointsOf(geometry));
    if (box) map.fit(box, { maxZoom: 18, padding: [60, 60] });
  };

  board.choose = (numbers, { go = false } = {}) => {
    chosen.clear();
    numbers.forEach((number) => chosen.add(number));
    zones.redraw();
    if (go && numbers.length) {
      const box = boxOf(numbers.flatMap((number) => pointsOf(nodes.shape(number))));
      if (box && !leaflet.getBounds().contains([[box[1], box[0]], [box[3], box[2]]])) board.goTo(nodes.shape(numbers[0]));
    }
    refresh();
  };

  // --- steps -------------------------------------------------------------------------------------------------------------

  function settle(key) {
    const { shapes } = pending.get(key) || {};
    pending.delete(key);
    look.ghosts.delete(key);
    if (shapes) shapesChanged([...shapes.keys()]);
    board.redraw();
  }

  /** One step: saved at once. `shapes`: what zones will look like; `ghost`: what was drawn, dashed until the answer is there. */
  board.step = (step, { shapes = null, ghost = null } = {}) => {
    if (!isOpen) {
      map.say(isAlone ? t("This drawing can only be looked at. Open it again to change it.") : IN_ANOTHER_TAB(), "error");
      return;
    }
    const { key } = board.queue.add({ ...step, base: board.state.revision });
    pending.set(key, { shapes });
    if (ghost) look.ghosts.set(key, ghost);
    if (shapes) shapesChanged([...shapes.keys()]);
    refresh();
  };

  board.take = (answer) => {
    const isNews = answer.revision > board.state.revision;
    board.state.take(answer);
    if (isNews) refresh(); // looking for others draws nothing anew as long as there is nothing new
  };

  function answered({ key, kind, base, code }, answer) {
    pending.delete(key);
    if (answer.revision === base + 1) board.queue.rebase(base, answer.revision);
    look.ghosts.delete(key);
    const before = new Set(board.state.zones.keys());
    board.state.take(answer);
    const made = Object.keys(answer.zones || {}).map(Number).filter((number) => !before.has(number) && answer.zones[number]);
    const drawn = made.filter((number) => answer.zones[number].code === code); // others are pieces of zones that fell apart
    if (kind === "place" && drawn.length && !chosen.size) chosen.add(Math.min(...drawn));
    const others = (answer.others || []).filter((step) => !step.mine);
    map.say([typeof answer.said === "string" ? answer.said : answer.said && answer.said.text, othersText(others)].filter(Boolean).join(" "));
    refresh();
  }

  function refused(step, error) {
    const decided = (again) => {
      if (!again) settle(step.key);
      else board.queue.change({ base: board.state.revision, ...(error.code === "not_yours" ? { of_others: true } : {}) });
      board.queue.resume(again);
      refresh();
    };
    if (error.code === "changed_meanwhile" && error.data.steps.every((other) => other.mine)) {
      board.queue.change({ base: error.data.revision }); // only steps of one's own lie between
      return "again";
    }
    if (error.code === "changed_meanwhile") {
      const shapes = [...((pending.get(step.key) || {}).shapes || [])];
      pending.delete(step.key);
      shapesChanged(shapes.map(([number]) => number));
      for (const [number, geometry] of shapes) look.ghosts.set(`${step.key}/${number}`, geometry);
      others.changedMeanwhile(error, (again) => {
        for (const [number] of shapes) look.ghosts.delete(`${step.key}/${number}`);
        decided(again);
      });
      return "hold";
    }
    if (error.code === "not_yours") {
      others.notYours(error, decided);
      return "hold";
    }
    if (causeOf(error)) {
      others.stuck(error, (again) => {
        if (!again) settle(step.key);
        board.queue.resume(again, step.key);
        refresh();
      });
      return "hold";
    }
    settle(step.key);
    map.say(error.message, "error");
    refresh();
    return "drop";
  }

  let leaving = false; // to sign in: what waits is sent when the board is opened again
  const saved = root.querySelector("[data-saved]");
  board.queue = stepQueue({
    name: `drawing-${drawing.id}-${options.me}`,
    storage: storage(),
    send: ({ base, ...step }) => postJson(options.steps, { ...step, revision: base }),
    onAnswer: answered,
    onRefused: refused,
    who: () => whoNow(options),
    onChange(now) {
      fill(saved, [savedText(now), now.trouble === "signed_out" && el("a", { href: options.sign_in, onclick: () => (leaving = true) }, t("Sign in"))]);
      saved.dataset.level = now.trouble ? "error" : "";
    },
  });
  on(window, "online", () => board.queue.run());
  on(window, "focus", () => WAIT_FOR_PERSON.includes(board.queue.trouble()) && board.queue.look());
  on(window, "beforeunload", (event) => !board.queue.isIdle() && !leaving && event.preventDefault());

  // --- parts -------------------------------------------------------------------------------------------------------------

  let only = null; // a filter of the list: zones without a class
  board.showUnfilled = () => {
    zones.show({ colours: false });
    root.querySelector("[data-colours]").checked = false;
    map.fit(options.bounds);
    map.say(t("Land in no zone is hatched in red."));
  };
  board.showNoClass = () => {
    const found = [...board.state.zones.values()].filter((zone) => !zone.code).map((zone) => zone.number);
    board.choose(found);
    board.goTo({ type: "MultiPoint", coordinates: found.flatMap((number) => pointsOf(nodes.shape(number))) });
  };

  const classRows = [...known.values()];
  const checks = { one: liveCheck(root.querySelector("[data-one-check]"), options.check), fresh: liveCheck(root.querySelector("[data-fresh-check]"), options.check) };
  board.checks = checks;
  const panel = zonePanel(board, root, classRows, checks);
  board.panel = panel;
  const list = zoneList(root.querySelector("[data-list]"), { zones: board.state.zones, chosen, onChoose: board.choose, onlyIn: () => only });
  board.projects = projectPanel(board, root);
  const totals = totalsFoot(board, root, options);
  const others = meeting(board, root.querySelector("[data-meeting]"), options.changes);
  const tools = toolBar(board, root);

  function refresh() {
    panel.show();
    list.show();
    board.projects.show();
    totals.show();
    tools.show({ undo: undoText(board.state.undo), redo: redoText(board.state.redo) });
    zones.redraw();
    board.redraw();
  }

  board.refresh = refresh;
  on(root.querySelector("[data-colours]"), "change", (event) => zones.show({ colours: event.target.checked }));

  board.state.open(drawing);
  refresh();
  if (isAlone) board.queue.run();
  else map.say(IN_ANOTHER_TAB(), "error");
  if (isOpen) others.watch(LOOK_FOR_OTHERS);
  else root.querySelectorAll("[data-tool]:not([data-tool=select]), [data-undo], [data-redo]").forEach((button) => (button.disabled = true));
  loadParcels(options.parcels, parcelGrid).catch(() => map.say(t("The parcels of the base year could not be loaded. Snapping works on zones alone.")));
  linesAbove(leaflet, options);
  byId("board-loading").hidden = true;
  return board;
}
