// Words on the map, more of them the nearer one looks: a word without room in its shape, or over another one, is left out.
import { boxOf } from "./paint.js";
import { VIOLET, drawSign, signOf } from "./symbols.js";

const TEXT = { font: '600 12px "Noto Sans CJK SC", "PingFang SC", sans-serif', fill: "#17251e", stroke: "#ffffff", width: 2.5 };
const LINE = 15; // pixels of a line of text
const APART = 400; // pixels between two words for the same thing
const BESIDE = 12; // from the middle of a sign to the line below it

/** The widest stretch of a shape along the line through its middle: {x, y, width}; a word stands there inside, whatever the shape. */
export function room(geom) {
  const { minY, maxY } = boxOf(geom);
  const y = (minY + maxY) / 2;
  const crossings = [];
  for (const ring of geom) {
    ring.forEach((to, i) => {
      const from = ring[i ? i - 1 : ring.length - 1];
      if (from.y > y !== to.y > y) crossings.push(from.x + ((y - from.y) * (to.x - from.x)) / (to.y - from.y));
    });
  }
  crossings.sort((one, other) => one - other);
  let widest = { x: 0, y, width: 0 };
  for (let i = 0; i + 1 < crossings.length; i += 2) {
    const width = crossings[i + 1] - crossings[i];
    if (width > widest.width) widest = { x: crossings[i] + width / 2, y, width };
  }
  return { ...widest, height: maxY - minY };
}

/** A text inside a shape, the first of `texts` that has room in it; one for a shape that several tiles cut. */
function inside(layer, texts) {
  return {
    place(layout, geom, feature) {
      const free = room(geom);
      layout.scratch.font = TEXT.font;
      const wide = (text) => layout.scratch.measureText(text).width;
      const said = texts.map((text) => text(feature.props)).find((text) => text && free.height > LINE && wide(text) < free.width);
      if (!said) return undefined;
      const anchor = geom[0][0].clone();
      [anchor.x, anchor.y] = [free.x, free.y];
      const half = wide(said) / 2;
      const box = { minX: anchor.x - half, maxX: anchor.x + half, minY: anchor.y - LINE / 2, maxY: anchor.y + LINE / 2 };
      const deduplicationKey = `${layer} ${feature.props.number ?? said}`;
      return [{ anchor, bboxes: [box], draw: (ctx) => written(ctx, said, -LINE / 2), deduplicationKey, deduplicationDistance: APART }];
    },
  };
}

function written(ctx, text, y) {
  ctx.font = TEXT.font;
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  ctx.lineJoin = "round";
  ctx.strokeStyle = TEXT.stroke;
  ctx.lineWidth = TEXT.width * 1.5;
  ctx.strokeText(text, 0, y);
  ctx.fillStyle = TEXT.fill;
  ctx.fillText(text, 0, y);
}

/** A name below the place of a point. */
const below = {
  place(layout, geom, feature) {
    const text = String(feature.props.name || "");
    if (feature.geomType !== 1 || !text) return undefined;
    const anchor = geom[0][0];
    layout.scratch.font = TEXT.font;
    const half = layout.scratch.measureText(text).width / 2;
    const box = { minX: anchor.x - half, maxX: anchor.x + half, minY: anchor.y - BESIDE, maxY: anchor.y + BESIDE + LINE };
    return [{ anchor, bboxes: [box], draw: (ctx) => written(ctx, text, BESIDE) }];
  },
};

/** The sign of a project that covers land, in the middle of what it covers, with its name from `names` on. */
function signed(symbols, names) {
  return {
    place(layout, geom, feature) {
      if (feature.geomType === 1) return undefined;
      const { minX, maxX, minY, maxY } = boxOf(geom);
      const anchor = geom[0][0].clone();
      anchor.x = (minX + maxX) / 2;
      anchor.y = (minY + maxY) / 2;
      const text = layout.zoom >= names ? String(feature.props.name || "") : "";
      layout.scratch.font = TEXT.font;
      const half = Math.max(11, layout.scratch.measureText(text).width / 2);
      const box = { minX: anchor.x - half, maxX: anchor.x + half, minY: anchor.y - 11, maxY: anchor.y + (text ? BESIDE + LINE : 11) };
      const path = symbols.paths[signOf(symbols, "projects", feature.props.kind)];
      const draw = (ctx) => {
        drawSign(ctx, 0, 0, path, { colour: VIOLET, round: true });
        if (text) written(ctx, text, BESIDE);
      };
      // a shape that several tiles cut has one sign, not one in each
      return [{ anchor, bboxes: [box], draw, deduplicationKey: `project ${feature.props.number}`, deduplicationDistance: 150 }];
    },
  };
}

/** The words of a view (see paint.js), the most important first. */
export function labelRulesFor({ sources, mode, symbols, off = [], classes = {} }) {
  const shown = (key) => !off.includes(key);
  const planned = sources.includes("version") && mode !== "now";
  const rules = [];
  if (planned && symbols && shown("projects")) rules.push({ dataSource: "version", dataLayer: "projects", minzoom: 15, symbolizer: signed(symbols, 16) });
  if (!shown("labels")) return rules;
  if (planned && shown("projects")) rules.push({ dataSource: "version", dataLayer: "projects", minzoom: 16, symbolizer: below });
  if (sources.includes("base") && shown("facilities")) rules.push({ dataSource: "base", dataLayer: "facilities", minzoom: 16, symbolizer: below });
  const classOf = ({ code }) => classes[code] || String(code);
  const both = ({ number, code }) => [number, classes[code]].filter(Boolean).join(" ");
  const numberOf = ({ number }) => String(number);
  if (planned && mode !== "none") {
    rules.push({ dataSource: "version", dataLayer: "zones", minzoom: 16, maxzoom: 16, symbolizer: inside("zone", [numberOf]) });
    rules.push({ dataSource: "version", dataLayer: "zones", minzoom: 17, symbolizer: inside("zone", [both, numberOf]) });
  }
  if (sources.includes("base") && mode === "now") rules.push({ dataSource: "base", dataLayer: "parcels", minzoom: 17, symbolizer: inside("parcel", [classOf]) });
  if (sources.includes("overview")) rules.push({ dataSource: "overview", dataLayer: "villages", minzoom: 13, symbolizer: inside("village", [({ name }) => String(name || "")]) });
  return rules;
}
