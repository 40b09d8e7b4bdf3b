// Which tiles a map asks for first: what Leaflet and protomaps-leaflet will work out from its bounds and size.

const PADDING = 12;
const SNAP = 0.25;
const [NEAREST, FARTHEST] = [19, 9];
const MARGIN = 1 / 8;

/** Longitude and latitude on the square of Web Mercator, 1 wide. */
export function onSquare(lon, lat) {
  const y = (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2;
  return [(lon + 180) / 360, y];
}

/** Whether a tile may hold something of a set that lies within bounds [west, south, east, north]. */
export function touches(bounds, z, x, y) {
  if (!bounds) return true;
  const [left, top] = onSquare(bounds[0], bounds[3]).map((value) => value * 2 ** z);
  const [right, bottom] = onSquare(bounds[2], bounds[1]).map((value) => value * 2 ** z);
  return x + 1 + MARGIN > left && x - MARGIN < right && y + 1 + MARGIN > top && y - MARGIN < bottom;
}

export const addressOf = (template, z, x, y) => template.replace("{z}", z).replace("{x}", x).replace("{y}", y);

/** Addresses for a map of a size in pixels: `options.bounds` fitted into it, a tile of data for four on the screen. */
export function firstTiles({ bounds, sets }, width, height) {
  const [left, top] = onSquare(bounds[0], bounds[3]);
  const [right, bottom] = onSquare(bounds[2], bounds[1]);
  const room = Math.min((width - 2 * PADDING) / (right - left), (height - 2 * PADDING) / (bottom - top)) / 256;
  if (!(room > 0)) return [];
  const zoom = Math.min(Math.max(Math.floor(Math.log2(room) / SNAP + 1e-4) * SNAP, FARTHEST), NEAREST);
  const z = Math.round(zoom);
  const side = 256 * 2 ** zoom; // pixels of the whole square
  const range = (middle, pixels) => {
    const half = pixels / side / 2;
    return [Math.floor((middle - half) * 2 ** z), Math.ceil((middle + half) * 2 ** z) - 1];
  };
  const [west, east] = range((left + right) / 2, width);
  const [north, south] = range((top + bottom) / 2, height);
  const found = new Set();
  for (const { tiles, bounds: within, minzoom, maxzoom } of Object.values(sets)) {
    const data = Math.min(z - 1, maxzoom);
    if (data < minzoom) continue;
    const up = 2 ** (z - data);
    for (let x = Math.floor(west / up); x <= Math.floor(east / up); x += 1) {
      for (let y = Math.floor(north / up); y <= Math.floor(south / up); y += 1) {
        if (touches(within, data, x, y)) found.add(addressOf(tiles[0], data, x, y));
      }
    }
  }
  return [...found];
}
