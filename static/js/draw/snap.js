// Snapping: the corner or edge nearest to a place on the screen, among shapes found by a coarse grid.
import { boxesMeet, boxOf, nearestOnSegment, same } from "./geometry.js";

const CELL = 0.002; // degrees, about 200 m

/** Shapes by where they lie. put(id, lines): lines of [lon, lat]; near(box): those whose box meets it. */
export function shapeGrid(size = CELL) {
  const shapes = new Map(); // id -> {lines, box}
  const cells = new Map(); // "x,y" -> ids

  function* cellsOf(box) {
    for (let x = Math.floor(box[0] / size); x <= Math.floor(box[2] / size); x += 1) {
      for (let y = Math.floor(box[1] / size); y <= Math.floor(box[3] / size); y += 1) yield `${x},${y}`;
    }
  }

  function put(id, lines) {
    const before = shapes.get(id);
    if (before) for (const cell of cellsOf(before.box)) cells.get(cell).delete(id);
    shapes.delete(id);
    const box = boxOf((lines || []).flat());
    if (!box) return;
    shapes.set(id, { lines, box });
    for (const cell of cellsOf(box)) (cells.get(cell) || cells.set(cell, new Set()).get(cell)).add(id);
  }

  function near(box) {
    const found = new Set();
    for (const cell of cellsOf(box)) for (const id of cells.get(cell) || []) if (boxesMeet(shapes.get(id).box, box)) found.add(id);
    return [...found].map((id) => shapes.get(id).lines);
  }

  return { put, near };
}

/**
 * The place to take for `at` ([x, y] in pixels): {point: [lon, lat], kind: "corner" | "edge"} or null if nothing is within `reach`
 * pixels. A corner within reach wins over an edge that is nearer. `lines` in lon/lat, `toPixel`/`toPlace` turn one into the other;
 * `without` is a corner that moves and is no target.
 */
export function snapTo(at, lines, { reach, toPixel, toPlace, without = null }) {
  let corner = null;
  let edge = null;
  let [cornerAt, edgeAt] = [reach, reach];
  for (const line of lines) {
    let before = null;
    for (const place of line) {
      if (without && same(place, without)) {
        before = null; // neither the corner that is moved nor the edges it draws along
        continue;
      }
      const pixel = toPixel(place);
      const distance = Math.hypot(pixel[0] - at[0], pixel[1] - at[1]);
      if (distance <= cornerAt) [corner, cornerAt] = [place, distance];
      if (before && !corner) {
        const { point } = nearestOnSegment(at, before, pixel);
        const away = Math.hypot(point[0] - at[0], point[1] - at[1]);
        if (away <= edgeAt) [edge, edgeAt] = [point, away];
      }
      before = pixel;
    }
  }
  if (corner) return { point: corner, kind: "corner" };
  return edge ? { point: toPlace(edge), kind: "edge" } : null;
}
