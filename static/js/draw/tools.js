// The tool bar, and which keys do what.
import { el, fill, on, scrollTo } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { cornersTool } from "./corners_tool.js";
import { drawingTool } from "./drawing_tool.js";

const KEYS = { v: "select", z: "zone", s: "split", m: "merge", c: "corners", p: "project" };

export function toolBar(board, root) {
  const { leaflet, map, state, chosen, look } = board;
  const buttons = root.querySelectorAll("[data-tool]");
  const undo = root.querySelector("[data-undo]");
  const redo = root.querySelector("[data-redo]");
  const help = root.querySelector("[data-help]");
  const drawing = drawingTool(board, root.querySelector("[data-sketch]"));
  const corners = cornersTool(board, root.querySelector("[data-remove-corner]"));
  let tool = "select";
  let freshCode = "";
  let drawn = null; // an outline that waits for its class

  board.isDrawingZone = () => tool === "zone";
  board.onFreshClass = ({ code }) => {
    freshCode = code;
    if (drawn) place(drawn);
    else {
      checkFresh();
      board.focusMap();
    }
  };
  board.endTool = () => {
    use("select");
    board.focusMap();
  };
  board.draw = (kind, onDone) => drawing.start(kind, { onDone, onChange() {}, onCancel() {} });

  function checkFresh() {
    const geometry = drawn || (look.sketch && look.sketch.isSound() && look.sketch.geometry());
    board.checks.fresh.ask(geometry || null, freshCode);
  }

  function place(geometry) {
    drawn = null;
    look.ghosts.delete("fresh");
    chosen.clear();
    board.step({ kind: "place", geometry, code: freshCode }, { ghost: geometry });
    use("select");
    closeSheet();
    board.focusMap();
  }

  function drawZone() {
    drawn = null;
    board.panel.fresh(freshCode);
    board.checks.fresh.ask(null);
    drawing.start("area", {
      onChange: checkFresh,
      onCancel: () => use("select"),
      onDone(geometry) {
        if (freshCode) {
          place(geometry);
          return;
        }
        drawn = geometry;
        look.ghosts.set("fresh", geometry);
        board.redraw();
        checkFresh();
        board.say(t("Now choose the class of the new zone."));
        openSheet();
        board.panel.askClass();
      },
    });
  }

  function splitZone() {
    if (chosen.size !== 1) board.say(t("Draw a line right across the zone you want to split; or choose the zone first."));
    else board.say(t("Draw a line right across zone %(number)s, from border to border.", { number: [...chosen][0] }));
    drawing.start("line", {
      onChange() {},
      onCancel: () => use("select"),
      onDone(line) {
        const zone = chosen.size === 1 ? [...chosen][0] : crossed(line.coordinates);
        use("select");
        board.focusMap();
        if (zone === null) board.say(t("The line crosses no zone."), "error");
        else board.step({ kind: "split", zone, line }, { ghost: line });
      },
    });
  }

  /** The zone in the middle of a line. */
  function crossed(points) {
    const k = Math.floor((points.length - 1) / 2);
    const [a, b] = [points[k], points[k + 1]];
    return board.zoneAt([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
  }

  function use(next) {
    drawing.stop();
    if (corners.isOn()) corners.stop();
    if (drawn) {
      drawn = null;
      look.ghosts.delete("fresh");
    }
    if (board.projects && board.projects.isOpen() && next !== "project") board.projects.close();
    tool = board.isOpen ? next : "select";
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.tool === tool)));
    root.dataset.tool = tool;
    if (["zone", "split", "corners"].includes(tool)) toMap();
    if (tool === "zone") drawZone();
    if (tool === "split") splitZone();
    if (tool === "merge") board.say(t("Choose neighbouring zones one after the other, then “Merge” beside the map."));
    if (tool === "corners") corners.start();
    if (tool === "project") {
      openSheet();
      board.projects.edit(null);
    }
    board.refresh();
  }

  const sheet = root.querySelector("[data-sheet]");

  /** On a phone the sheet makes way and the map comes into view. */
  function toMap() {
    closeSheet();
    if (window.matchMedia("(max-width: 61.99rem)").matches && !map.full.isFull()) scrollTo(root);
  }

  board.closeSheet = closeSheet;
  function closeSheet() {
    delete sheet.dataset.open;
    root.querySelector("[data-sheet-toggle]").setAttribute("aria-expanded", "false");
  }

  const openSheet = () => {
    sheet.dataset.open = "1";
    root.querySelector("[data-sheet-toggle]").setAttribute("aria-expanded", "true");
  };
  on(root.querySelector("[data-sheet-toggle]"), "click", (event) => {
    if (sheet.dataset.open) delete sheet.dataset.open;
    else sheet.dataset.open = "1";
    event.currentTarget.setAttribute("aria-expanded", String(Boolean(sheet.dataset.open)));
  });

  function pick({ lat, lon }, several) {
    const number = board.zoneAt([lon, lat]);
    if (number === null) {
      board.choose([]);
      board.say(t("There is no zone here."));
      return;
    }
    const isOn = chosen.has(number);
    const next = !several ? [number] : isOn ? [...chosen].filter((other) => other !== number) : [...chosen, number];
    board.choose(next);
    const zone = state.zones.get(number);
    board.say(isOn && several ? t("Zone %(number)s is no longer chosen.", { number }) : t("Zone %(number)s is chosen: %(what)s.", { number, what: zone.code ? `${zone.code} ${zone.name}` : t("No class yet") }));
  }

  let several = false;
  leaflet.on("preclick", ({ originalEvent: event }) => (several = Boolean(event && (event.shiftKey || event.ctrlKey || event.metaKey))));
  map.onPlace((placed) => {
    if (drawing.isOn()) drawing.put(placed);
    else if (placed.byKey && corners.isOn() && chosen.size === 1) corners.enter();
    else pick(placed, tool === "merge" || (!placed.byKey && several));
  });

  const changing = (kind) => board.isOpen && (drawing.stop(), board.step({ kind }));
  on(undo, "click", () => changing("undo"));
  on(redo, "click", () => changing("redo"));
  buttons.forEach((button) => on(button, "click", () => use(button.dataset.tool)));
  on(root.querySelector("[data-help-open]"), "click", () => (help.showModal ? help.showModal() : help.setAttribute("open", "")));
  on(help.querySelector("[data-help-close]"), "click", () => (help.close ? help.close() : help.removeAttribute("open")));

  const isField = (node) => /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName) && node.type !== "checkbox";

  function key(event) {
    if (event.defaultPrevented || isField(event.target) || help.open) return;
    const letter = event.key.toLowerCase();
    const control = event.ctrlKey || event.metaKey;
    if (control && letter === "z") changing(event.shiftKey ? "redo" : "undo");
    else if (control && letter === "y") changing("redo");
    else if (control || event.altKey) return;
    else if (drawing.key(event) || corners.key(event)) event.stopPropagation();
    else if (event.key === "Escape" && tool !== "select") {
      use("select");
      event.stopPropagation();
    } else if (event.key === "Escape" && chosen.size) {
      board.choose([]);
      event.stopPropagation();
    } else if (event.key === "?") root.querySelector("[data-help-open]").click();
    else if (KEYS[letter]) use(KEYS[letter]);
    else if (letter === "f") board.focusMap();
    else return;
    event.preventDefault();
  }
  on(root, "keydown", key);

  /** What undo and redo would do stands on the buttons. */
  function show(words) {
    for (const [button, text, said] of [[undo, words.undo, state.undo], [redo, words.redo, state.redo]]) {
      button.setAttribute("aria-label", text);
      button.title = text;
      button.setAttribute("aria-disabled", String(!said));
    }
    corners.show();
    const last = root.querySelector("[data-last]");
    fill(last, state.undo ? [el("span", {}, state.undo.text)] : []);
  }

  return { show, use };
}
