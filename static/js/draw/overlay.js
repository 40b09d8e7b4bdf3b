// What lies above the zones while somebody works: the line that is drawn, the mark of a snap, steps that wait, the other person's picture.
import { canvasLayer } from "./canvas.js";
import { polygonsOf } from "./geometry.js";

const GOOD = "#0b4f8a";
const WRONG = "#c1121f";
const WAITING = "#26332c";
const DOT = 5;

function path(ctx, points, closed) {
  ctx.beginPath();
  points.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  if (closed) ctx.closePath();
}

function line(ctx, points, { colour, dash = [], width = 3, closed = false }) {
  path(ctx, points, closed);
  ctx.setLineDash([]);
  ctx.strokeStyle = "rgba(255,255,255,0.9)";
  ctx.lineWidth = width + 2.5;
  ctx.stroke();
  ctx.setLineDash(dash);
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.stroke();
  ctx.setLineDash([]);
}

function dot(ctx, [x, y], { colour, size = DOT }) {
  ctx.beginPath();
  ctx.arc(x, y, size, 0, 2 * Math.PI);
  ctx.fillStyle = "#ffffff";
  ctx.fill();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2.5;
  ctx.stroke();
}

/** A square round a corner that was caught, a diamond on an edge: told apart without colour. */
function snapMark(ctx, [x, y], kind) {
  ctx.save();
  ctx.translate(x, y);
  if (kind === "edge") ctx.rotate(Math.PI / 4);
  for (const [colour, width] of [["#ffffff", 6], ["#c2007a", 3]]) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.strokeRect(-8, -8, 16, 16);
  }
  ctx.restore();
}

function ghost(ctx, geometry, toPixel) {
  if (geometry.type === "Point") dot(ctx, toPixel(geometry.coordinates), { colour: WAITING, size: 8 });
  else if (geometry.type === "LineString") line(ctx, geometry.coordinates.map(toPixel), { colour: WAITING, dash: [8, 6] });
  for (const rings of polygonsOf(geometry)) for (const ring of rings) line(ctx, ring.map(toPixel), { colour: WAITING, dash: [8, 6], closed: true });
}

function project(ctx, row, toPixel, isChosen) {
  const colour = "#7a2e8e";
  const { geometry } = row;
  if (!geometry) return;
  const lines = geometry.type === "LineString" ? [geometry.coordinates] : geometry.type === "MultiLineString" ? geometry.coordinates : [];
  for (const points of lines) line(ctx, points.map(toPixel), { colour, width: isChosen ? 6 : 4 });
  for (const rings of polygonsOf(geometry)) for (const ring of rings) line(ctx, ring.map(toPixel), { colour, dash: [3, 4], width: isChosen ? 5 : 3, closed: true });
  const points = geometry.type === "Point" ? [geometry.coordinates] : geometry.type === "MultiPoint" ? geometry.coordinates : [];
  for (const place of points) dot(ctx, toPixel(place), { colour, size: isChosen ? 10 : 7 });
}

/**
 * `shown()` says what there is: {sketch, pointer, snap: {point, kind}, ghosts: [geometry], projects, project: number}; `paintFirst(ctx, view)`
 * puts something below it.
 */
export function overlay(leaflet, shown, paintFirst) {
  const pane = leaflet.createPane("sketch");
  pane.style.zIndex = 460; // above the control lines, below the handles
  pane.style.pointerEvents = "none";
  return canvasLayer(leaflet, (ctx, view) => {
    const { toPixel } = view;
    paintFirst(ctx, view);
    const { sketch, pointer, snap, ghosts, projects, project: chosen } = shown();
    ctx.lineJoin = "round";
    for (const row of projects) project(ctx, row, toPixel, row.number === chosen);
    for (const geometry of ghosts) ghost(ctx, geometry, toPixel);
    if (sketch) {
      const corners = sketch.corners().map(toPixel);
      const points = pointer && corners.length && sketch.kind !== "point" ? [...corners, toPixel(pointer)] : corners;
      const colour = sketch.isSound(pointer) ? GOOD : WRONG;
      const closed = sketch.kind === "area" && points.length > 2;
      if (closed) {
        path(ctx, points, true);
        ctx.globalAlpha = 0.15;
        ctx.fillStyle = colour;
        ctx.fill();
        ctx.globalAlpha = 1;
      }
      if (points.length > 1) line(ctx, points, { colour, closed, dash: colour === WRONG ? [4, 4] : [] });
      corners.forEach((place, i) => dot(ctx, place, { colour, size: i ? DOT : DOT + 2 }));
    }
    if (snap) snapMark(ctx, toPixel(snap.point), snap.kind);
  }, { pane: "sketch" });
}
