// What the board knows of its drawing, and taking over what the server answers.
import { keyOf, ringsOf } from "./geometry.js";

/** `onZones(numbers)` is told which zones came, changed or went. */
export function drawingState(onZones) {
  const state = { zones: new Map(), projects: new Map(), revision: 0, undo: null, redo: null, totals: null };

  function put(rows, into) {
    const changed = [];
    for (const [text, row] of Object.entries(rows || {})) {
      const number = Number(text);
      if (row) into.set(number, row);
      else into.delete(number);
      changed.push(number);
    }
    return changed;
  }

  /** The whole drawing, as it is opened. */
  function open(drawing) {
    state.zones.clear();
    state.projects.clear();
    for (const zone of drawing.zones) state.zones.set(zone.number, zone);
    for (const project of drawing.projects) state.projects.set(project.number, project);
    take({ ...drawing, zones: {}, projects: {} });
    onZones([...state.zones.keys()]);
  }

  /** An answer to a step, or what changed since a revision. Answers that come late take nothing back. */
  function take(answer) {
    const changed = put(answer.zones, state.zones);
    put(answer.projects, state.projects);
    state.revision = Math.max(state.revision, answer.revision);
    for (const name of ["undo", "redo", "totals"]) if (answer[name] !== undefined) state[name] = answer[name];
    if (changed.length) onZones(changed);
    return changed;
  }

  /** Numbers of the zones that have a border in common with one: where its land could go. */
  function neighbours(number, nodes) {
    const found = new Map();
    const zone = state.zones.get(number);
    for (const ring of zone ? ringsOf(zone.geometry) : []) {
      ring.slice(0, -1).forEach((point, i) => {
        if (keyOf(point) === keyOf(ring[i + 1])) return;
        for (const other of nodes.along(point, ring[i + 1])) if (other !== number) found.set(other, true);
      });
    }
    return [...found.keys()].sort((a, b) => a - b);
  }

  return Object.assign(state, { open, take, neighbours });
}

/** How many zones have which class, the most used first. */
export function usedClasses(zones) {
  const counts = new Map();
  for (const { code } of zones) if (code) counts.set(code, (counts.get(code) || 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([code]) => code);
}
