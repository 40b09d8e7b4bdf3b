// How things look on the map: painters for polygons and points on a canvas, and the order they are painted in.
// A painter has draw(ctx, geom, zoom, feature) as protomaps-leaflet wants it; geom is a list of rings of {x, y} in pixels.
import { signs } from "./symbols.js";

export const INK = "#26332c";
export const RED = "#c1121f";

function trace(ctx, geom) {
  ctx.beginPath();
  for (const ring of geom) {
    ring.forEach((p, i) => (i ? ctx.lineTo(p.x, p.y) : ctx.moveTo(p.x, p.y)));
    ctx.closePath();
  }
}

const isArea = (feature) => feature.geomType === 3;

/** Fill with a colour, or with the colour each feature carries (`colour` in the tile). */
export function fill({ colour = null, opacity = 1 } = {}) {
  return {
    draw(ctx, geom, zoom, feature) {
      ctx.globalAlpha = opacity;
      ctx.fillStyle = colour || feature.props.colour || "#dddddd";
      trace(ctx, geom);
      ctx.fill("evenodd");
      ctx.globalAlpha = 1;
    },
  };
}

/** A line around; `casing` puts a light line under it, so that it is seen on dark and on light land. */
export function outline({ colour = INK, width = 1, dash = [], casing = 0 } = {}) {
  return {
    draw(ctx, geom) {
      ctx.lineJoin = "round";
      trace(ctx, geom);
      if (casing) {
        ctx.setLineDash([]);
        ctx.strokeStyle = "rgba(255,255,255,0.8)";
        ctx.lineWidth = width + casing;
        ctx.stroke();
      }
      ctx.setLineDash(dash);
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.stroke();
      ctx.setLineDash([]);
    },
  };
}

/** Where the diagonals x + y = k·step run through a box; the same lines in every tile, because step divides 256. */
export function diagonals(box, step) {
  const lines = [];
  const last = box.maxX + box.maxY;
  for (let k = Math.ceil((box.minX + box.minY) / step) * step; k <= last; k += step) {
    lines.push([k - box.minY, box.minY, k - box.maxY, box.maxY]);
  }
  return lines;
}

export function boxOf(geom) {
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (const ring of geom) {
    for (const p of ring) {
      box.minX = Math.min(box.minX, p.x);
      box.minY = Math.min(box.minY, p.y);
      box.maxX = Math.max(box.maxX, p.x);
      box.maxY = Math.max(box.maxY, p.y);
    }
  }
  return box;
}

/** Diagonal hatching inside, a line around. */
export function hatch({ colour = RED, step = 8, width = 2, edge = 2 } = {}) {
  const around = outline({ colour, width: edge, casing: 1.5 });
  return {
    draw(ctx, geom, zoom, feature) {
      ctx.save();
      trace(ctx, geom);
      ctx.clip("evenodd");
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.beginPath();
      for (const [x1, y1, x2, y2] of diagonals(boxOf(geom), step)) {
        ctx.moveTo(x1, y1);
        ctx.lineTo(x2, y2);
      }
      ctx.stroke();
      ctx.restore();
      around.draw(ctx, geom, zoom, feature);
    },
  };
}

/** Points by `points`, a painter of their own; areas and lines get a dashed line. */
export function mark({ colour = INK, points }) {
  const around = outline({ colour, width: 2.5, dash: [2, 4], casing: 1.5 });
  return {
    draw(ctx, geom, zoom, feature) {
      (feature.geomType === 1 ? points : around).draw(ctx, geom, zoom, feature);
    },
  };
}

/** A light veil over what is not looked for. */
const VEIL = fill({ colour: "#ffffff", opacity: 0.78 });
const CHOSEN = { colour: "#ffb000", width: 3.5, casing: 3 };

/** A ring around points, a line around areas: what somebody asked to be shown. */
function ring() {
  const around = outline(CHOSEN);
  return {
    draw(ctx, geom, zoom, feature) {
      if (feature.geomType !== 1) {
        around.draw(ctx, geom, zoom, feature);
        return;
      }
      for (const { x, y } of geom[0]) {
        ctx.beginPath();
        ctx.arc(x, y, 15, 0, 2 * Math.PI);
        ctx.lineWidth = CHOSEN.width;
        ctx.strokeStyle = CHOSEN.colour;
        ctx.stroke();
      }
    },
  };
}

const rule = (dataSource, dataLayer, symbolizer, filter) => ({ dataSource, dataLayer, symbolizer, ...(filter ? { filter } : {}) });

/** Whether a shape is among the zones somebody looks for. On small scales zones of a class have grown together (planning/generalised.py)
 * and carry no number: a class can still be told apart, anything else cannot, and `onVague` is called. */
function isFound({ numbers, code, onVague }, zone) {
  if (zone.number !== undefined) return numbers.has(zone.number);
  if (!code) onVague();
  return !code || zone.code.startsWith(code);
}

/** Rules for the lines of a village, as the page describes them: [{kind, colour, dash}]. */
export function lineRules(lines) {
  return lines.map(({ kind, colour, dash }) =>
    rule("base", "control_lines", outline({ colour, width: 2.5, dash, casing: 2 }), (zoom, f) => f.props.kind === kind)
  );
}

/**
 * The whole picture, first thing lowest. `view` is {mode: "plan" | "now" | "none", sources: ["base", "version", "overview"],
 * lines: [...], off: keys of layers that are switched off (kinds of lines, lines, conflicts, projects, facilities), conflicts: bool,
 * symbols: see symbols.js, zone: number of the chosen zone, a list of them or null, village: code of the chosen village or null,
 * found: the zones somebody looks for, {numbers: a Set, code: the beginning of their class if nothing else was asked, onVague()}, or null, chosen: {source, layer, is: {number: 3}} or null, marked: codes of villages drawn in blue}.
 */
export function rulesFor(view) {
  const has = (name) => view.sources.includes(name);
  const shown = (key) => !(view.off || []).includes(key);
  const rules = [];
  if (has("overview")) {
    if (!view.ground) rules.push(rule("overview", "villages", fill({ colour: "#dcebdc", opacity: 0.9 })));
    if (view.marked) rules.push(rule("overview", "villages", fill({ colour: "#7fb3d9" }), (z, f) => view.marked.includes(f.props.code)));
    rules.push(rule("overview", "villages", outline({ colour: "#4d6f5c", width: 1 })));
    if (view.village) rules.push(rule("overview", "villages", outline({ colour: RED, width: 3, casing: 2 }), (z, f) => f.props.code === view.village));
  }
  if (has("base") && view.mode === "now") {
    rules.push(rule("base", "parcels", fill()), rule("base", "parcels", outline({ colour: "#5b665f", width: 0.6 })));
  }
  if (has("version") && view.mode === "plan") {
    rules.push(rule("version", "zones", fill()));
    if (view.found) rules.push(rule("version", "zones", VEIL, (z, f) => !isFound(view.found, f.props)));
    rules.push(rule("version", "zones", outline({ colour: INK, width: 0.9 })));
  }
  if (has("base")) {
    rules.push(...lineRules((view.lines || []).filter(({ kind }) => shown("lines") && shown(kind))));
    rules.push(rule("base", "outline", outline({ colour: INK, width: 2.5, dash: [12, 4, 2, 4], casing: 2 })));
    if (view.symbols && shown("facilities")) rules.push(rule("base", "facilities", signs(view.symbols, "facilities")));
  }
  if (has("version") && view.mode !== "now") {
    if (view.conflicts && shown("conflicts")) rules.push(rule("version", "findings", hatch(), (zoom, f) => isArea(f)));
    if (view.symbols && shown("projects")) rules.push(rule("version", "projects", mark({ colour: "#7a2e8e", points: signs(view.symbols, "projects") })));
    if (view.zone) rules.push(rule("version", "zones", outline(CHOSEN), (z, f) => [].concat(view.zone).includes(f.props.number)));
  }
  if (view.chosen && has(view.chosen.source)) {
    const wanted = Object.entries(view.chosen.is);
    rules.push(rule(view.chosen.source, view.chosen.layer, ring(), (z, f) => wanted.every(([name, value]) => f.props[name] === value)));
  }
  return rules;
}
