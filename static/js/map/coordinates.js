// Coordinates as people write them: degrees with decimals, degrees with minutes and seconds, Gauss-Kruger X and Y with zone number.
import { ZONES, fromPlane, toPlane } from "./gausskruger.js";

/** 116.805°: "116°48′18.00″"; the rounding never says 60 seconds. */
export function sexagesimal(degrees, places = 2) {
  const parts = 10 ** places;
  const all = Math.round(Math.abs(degrees) * 3600 * parts);
  const seconds = (all % (60 * parts)) / parts;
  const minutes = Math.floor(all / (60 * parts));
  const text = `${Math.floor(minutes / 60)}°${String(minutes % 60).padStart(2, "0")}′${seconds.toFixed(places).padStart(places ? places + 3 : 2, "0")}″`;
  return degrees < 0 ? `-${text}` : text;
}

/** What is said of a place: three lines to read or copy. */
export function written({ lon, lat }) {
  const { x, y, zone } = toPlane(lon, lat);
  return {
    decimal: `${lon.toFixed(7)}, ${lat.toFixed(7)}`,
    sexagesimal: `${sexagesimal(lon)}E, ${sexagesimal(lat)}N`,
    plane: `X=${x.toFixed(3)} Y=${zone}${y.toFixed(3).padStart(10, "0")}`,
    zone,
  };
}

const EAST = /[E东]/i;
const NORTH = /[N北]/i;
const DEGREES = /([EN东北][经纬]?)?\s*(-?\d+(?:\.\d+)?)\s*(?:[°度]\s*(?:(\d+(?:\.\d+)?)\s*[′'’分]\s*)?(?:(\d+(?:\.\d+)?)\s*(?:[″"”秒]|''))?)?\s*([EN东北])?/gi;
const PLANE = /([XY])\s*[=:：]?\s*(\d+(?:\.\d+)?)/gi;

/** 39482456.7 is zone 39 and 482456.7 m; without a zone `near` (a longitude) says which one. */
function planePlace(x, y, near) {
  const zone = y >= 1e7 ? Math.floor(y / 1e6) : Math.floor((near + 1.5) / 3);
  const east = y >= 1e7 ? y % 1e6 : y;
  if (zone < ZONES[0] || zone > ZONES[1] || x > 6.2e6 || x < 0) return null;
  return fromPlane(x, east, zone);
}

/**
 * The place that a text names, {lon, lat}, or null. Longitude first unless letters or the figures say otherwise; a plane place is
 * X (north) and Y (east), with or without letters. `near` is a longitude of the map, for a Y without its zone number.
 */
export function read(text, near) {
  const said = text.replace(/，|；|、/g, ",").trim();
  const named = Object.fromEntries(Array.from(said.matchAll(PLANE), ([, letter, value]) => [letter.toUpperCase(), Number(value)]));
  if ("X" in named && "Y" in named) return planePlace(named.X, named.Y, near);
  const parts = Array.from(said.matchAll(DEGREES)).filter((part) => part[0].trim());
  if (parts.length !== 2) return null;
  const [first, second] = parts.map(([, before, degrees, minutes, seconds, after]) => {
    const size = Math.abs(Number(degrees)) + Number(minutes || 0) / 60 + Number(seconds || 0) / 3600;
    return { value: degrees.startsWith("-") ? -size : size, letter: before || after || "", fits: Number(minutes || 0) < 60 && Number(seconds || 0) < 60 };
  });
  if (!first.fits || !second.fits) return null;
  if (first.value > 180 || second.value > 180) {
    const [x, y] = first.value < 1e7 && (second.value >= 1e7 || first.value > second.value) ? [first.value, second.value] : [second.value, first.value];
    return planePlace(x, y, near);
  }
  const swapped = NORTH.test(first.letter) || EAST.test(second.letter) || (!first.letter && first.value < 60 && second.value > 60);
  const [lon, lat] = swapped ? [second.value, first.value] : [first.value, second.value];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lon, lat } : null;
}
