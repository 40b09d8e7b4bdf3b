// Words on the map, more of them the nearer one looks: a word without room in its shape, or over another one, is left out.
import { CenteredTextSymbolizer } from "protomaps-leaflet";
import { boxOf } from "./paint.js";
import { VIOLET, drawSign, signOf } from "./symbols.js";

const TEXT = { font: '600 12px "Noto Sans CJK SC", "PingFang SC", sans-serif', fill: "#17251e", stroke: "#ffffff", width: 2.5 };
const LINE = 15; // pixels of a line of text
const APART = 400; // pixels between two words for the same thing
const BESIDE = 12; // from the middle of a sign to the line below it

/** A text in the middle of a shape, the first of `texts` that has room in it; one for a shape that several tiles cut. */
function inside(layer, texts) {
  const inner = new CenteredTextSymbolizer({ ...TEXT, labelProps: ["said"] });
  return {
    place(layout, geom, feature) {
      const { minX, maxX, minY, maxY } = boxOf(geom);
      layout.scratch.font = TEXT.font;
      const fits = (text) => text && maxY - minY > LINE && layout.scratch.measureText(text).width < maxX - minX;
      const said = texts.map((text) => text(feature.props)).find(fits);
      const found = said && inner.place(layout, geom, { ...feature, props: { said } });
      const key = `${layer} ${feature.props.number ?? said}`;
      return found ? found.map((label) => ({ ...label, deduplicationKey: key, deduplicationDistance: APART })) : undefined;
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
    const box = { minX: anchor.x - half, maxX: anchor.x + half, minY: anchor.y + BESIDE, maxY: anchor.y + BESIDE + LINE };
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
