// The zones of the drawing on a canvas: official colours, numbers, what is chosen, and hatching where no zone lies or none has a class.
import { boxesMeet, boxOf, labelPoint, pointsOf, ringsOf } from "./geometry.js";
import { canvasLayer, toWorld } from "./canvas.js";
import { boxOf as pixelBox, diagonals, INK, RED } from "../map/paint.js";

const [OPACITY, OVER_PICTURE] = [0.78, 0.4];
const LABELS_FROM = 14.5; // zoom
const FONT = '600 12px "PingFang SC", "Noto Sans CJK SC", sans-serif';
const [LINE, APART] = [13, 2]; // pixels: height of a number, and what stays free beside it
const CHOSEN = "#ffb000";
const NO_CLASS = "#5b3a8c";

function trace(ctx, rings) {
  ctx.beginPath();
  for (const ring of rings) {
    ring.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
    ctx.closePath();
  }
}

function hatch(ctx, rings, colour, step) {
  const box = pixelBox(rings.map((ring) => ring.map(([x, y]) => ({ x, y }))));
  ctx.save();
  trace(ctx, rings);
  ctx.clip("evenodd");
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.beginPath();
  for (const [x1, y1, x2, y2] of diagonals(box, step)) {
    ctx.moveTo(x1, y1);
    ctx.lineTo(x2, y2);
  }
  ctx.stroke();
  ctx.restore();
}

/** What is drawn of a shape, in world units. */
function prepared(geometry) {
  const rings = ringsOf(geometry).map((ring) => ring.map(toWorld));
  const label = labelPoint(geometry);
  return { rings, box: boxOf(rings.flat()), label: label && toWorld(label) };
}

/** Numbers, the largest zones first: one that is wider than its zone, or would lie on another number, is left out. */
function numbers(ctx, seen, fromWorld) {
  ctx.font = FONT;
  const taken = [];
  for (const [zone, found, rings] of [...seen].sort(([a], [b]) => b.area_m2 - a.area_m2)) {
    const text = zone.code ? String(zone.number) : `${zone.number} ?`;
    const [x, y] = fromWorld(found.label);
    const half = ctx.measureText(text).width / 2;
    const own = boxOf(rings[0]);
    const box = [x - half - APART, y - LINE / 2, x + half + APART, y + LINE / 2];
    if (own[2] - own[0] < 2 * half || own[3] - own[1] < LINE || taken.some((other) => boxesMeet(other, box))) continue;
    taken.push(box);
    write(ctx, text, [x, y]);
  }
}

function write(ctx, text, [x, y]) {
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineWidth = 3;
  ctx.strokeStyle = "#ffffff";
  ctx.strokeText(text, x, y);
  ctx.fillStyle = "#17251e";
  ctx.fillText(text, x, y);
}

/**
 * `shape(number)` gives what a zone looks like now, `zones` the Map of zones, `chosen` the Set of numbers.
 * changed(numbers) prepares shapes again; view: {colours: bool, overPicture: bool}.
 */
export function zoneLayer(leaflet, { zones, shape, chosen, outline }) {
  const kept = new Map();
  const boxes = new Map(); // in degrees
  const border = prepared(outline);
  const view = { colours: true, overPicture: false };

  function paint(ctx, { zoom, fromWorld, box }) {
    const seen = [];
    for (const zone of zones.values()) {
      const found = kept.get(zone.number);
      if (found && found.box && boxesMeet(found.box, box)) seen.push([zone, found, found.rings.map((ring) => ring.map(fromWorld))]);
    }
    hatch(ctx, border.rings.map((ring) => ring.map(fromWorld)), RED, 8);
    ctx.globalCompositeOperation = "destination-out";
    for (const [, , rings] of seen) {
      trace(ctx, rings);
      ctx.fill("evenodd");
    }
    ctx.globalCompositeOperation = "source-over";
    ctx.lineJoin = "round";
    for (const [zone, , rings] of seen) {
      if (!zone.code) hatch(ctx, rings, NO_CLASS, 16);
      trace(ctx, rings);
      if (zone.code && view.colours) {
        ctx.globalAlpha = view.overPicture ? OVER_PICTURE : OPACITY;
        ctx.fillStyle = zone.colour || "#dddddd";
        ctx.fill("evenodd");
        ctx.globalAlpha = 1;
      }
      ctx.strokeStyle = INK;
      ctx.lineWidth = 1;
      ctx.stroke();
    }
    if (zoom >= LABELS_FROM) numbers(ctx, seen, fromWorld);
  }

  /** The frames of chosen zones, painted by whoever lies above the control lines. */
  function paintChosen(ctx, { fromWorld }) {
    ctx.lineJoin = "round";
    for (const number of chosen) if (kept.has(number)) frame(ctx, kept.get(number).rings.map((ring) => ring.map(fromWorld)));
  }

  function frame(ctx, rings) {
    trace(ctx, rings);
    for (const [colour, width] of [["#ffffff", 7], [INK, 5.5], [CHOSEN, 3]]) {
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.stroke();
    }
  }

  const layer = canvasLayer(leaflet, paint);

  function set(number, geometry) {
    if (geometry) {
      kept.set(number, prepared(geometry));
      boxes.set(number, boxOf(pointsOf(geometry)));
    } else {
      kept.delete(number);
      boxes.delete(number);
    }
  }

  function changed(numbers) {
    for (const number of numbers) set(number, shape(number));
    layer.redraw();
  }

  return {
    changed,
    paintChosen,
    boxOf: (number) => boxes.get(number),
    /** Other shapes for a while; `back`: zones that get their own again. */
    preview(shapes, back) {
      for (const number of back) if (!shapes.has(number)) set(number, shape(number));
      for (const [number, geometry] of shapes) set(number, geometry);
      layer.redraw();
    },
    redraw: layer.redraw,
    show(changes) {
      Object.assign(view, changes);
      layer.redraw();
    },
  };
}
