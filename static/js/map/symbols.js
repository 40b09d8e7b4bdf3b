// Signs of facilities and projects: outlines from the server (villages/symbols.py), drawn on a square or a disc of their colour.

export const BLUE = "#0b4f8a";
export const VIOLET = "#7a2e8e";
const DOT_BELOW = 15; // at smaller scales a sign would hide the land: a dot

/** The name of the sign: facilities by their type, projects by the first word that their kind holds. */
export function signOf(symbols, layer, kind) {
  if (layer === "facilities") return symbols.facilities[kind] || "other";
  const found = symbols.projects.find(([word]) => String(kind || "").includes(word));
  return found ? found[1] : "other";
}

const made = new Map();
const outlineOf = (path) => made.get(path) || made.set(path, new Path2D(path)).get(path);

/** A sign in the middle of (x, y); `size` in pixels. Facilities stand on a square, projects on a disc. */
export function drawSign(ctx, x, y, path, { colour, round, size = 20 }) {
  ctx.save();
  ctx.translate(x - size / 2, y - size / 2);
  ctx.fillStyle = colour;
  ctx.strokeStyle = "#ffffff";
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  if (round) ctx.arc(size / 2, size / 2, size / 2, 0, 2 * Math.PI);
  else ctx.rect(0, 0, size, size);
  ctx.fill();
  ctx.stroke();
  const scale = (size * (round ? 0.62 : 0.74)) / 16;
  const margin = (size - 16 * scale) / 2;
  ctx.translate(margin, margin);
  ctx.scale(scale, scale);
  ctx.fillStyle = "#ffffff";
  ctx.fill(outlineOf(path), "evenodd");
  ctx.restore();
}

/** A painter for points of a layer: the sign of each, a dot at small scales. */
export function signs(symbols, layer) {
  const look = layer === "facilities" ? { colour: BLUE, round: false } : { colour: VIOLET, round: true };
  return {
    draw(ctx, geom, zoom, feature) {
      for (const ring of geom) {
        for (const { x, y } of ring) {
          if (zoom >= DOT_BELOW) drawSign(ctx, x, y, symbols.paths[signOf(symbols, layer, feature.props.kind)], look);
          else dot(ctx, x, y, look.colour);
        }
      }
    },
  };
}

function dot(ctx, x, y, colour) {
  ctx.beginPath();
  ctx.arc(x, y, 4, 0, 2 * Math.PI);
  ctx.fillStyle = colour;
  ctx.fill();
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = "#ffffff";
  ctx.stroke();
}

/** The same sign as a small picture for lists. */
export function signPicture(symbols, layer, sign, size = 24) {
  const canvas = document.createElement("canvas");
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.height = size * ratio;
  canvas.className = "swatch";
  canvas.setAttribute("aria-hidden", "true");
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  const look = layer === "facilities" ? { colour: BLUE, round: false } : { colour: VIOLET, round: true };
  drawSign(ctx, size / 2, size / 2, symbols.paths[sign], { ...look, size: size - 4 });
  return canvas;
}
