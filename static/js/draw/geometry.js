// Small geometry in the plane, on [x, y] pairs: degrees or pixels alike. No map, so that it can be tested alone.

const DECIMALS = 9; // of a degree, 0.1 mm: what the server stores

export const rounded = ([x, y]) => [Number(x.toFixed(DECIMALS)), Number(y.toFixed(DECIMALS))];
export const keyOf = ([x, y]) => `${x.toFixed(DECIMALS)},${y.toFixed(DECIMALS)}`;
export const same = (a, b) => keyOf(a) === keyOf(b);

/** The polygons of a GeoJSON geometry, each a list of rings; none for points and lines. */
export function polygonsOf(geometry) {
  if (!geometry) return [];
  if (geometry.type === "Polygon") return [geometry.coordinates];
  return geometry.type === "MultiPolygon" ? geometry.coordinates : [];
}

export const ringsOf = (geometry) => polygonsOf(geometry).flat();

/** All positions of a geometry of any kind. */
export function pointsOf(geometry) {
  if (!geometry) return [];
  if (geometry.type === "Point") return [geometry.coordinates];
  if (geometry.type === "LineString" || geometry.type === "MultiPoint") return geometry.coordinates;
  if (geometry.type === "MultiLineString") return geometry.coordinates.flat();
  return ringsOf(geometry).flat();
}

/** [west, south, east, north] of positions, or null without any. */
export function boxOf(points) {
  if (!points.length) return null;
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}

export const boxesMeet = (a, b) => a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];

/** The place on the segment a-b nearest to p. */
export function nearestOnSegment(p, a, b) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const along = length ? Math.max(0, Math.min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length)) : 0;
  return { along, point: [a[0] + along * dx, a[1] + along * dy] };
}

const side = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
const within = (a, b, c) => Math.min(a[0], b[0]) <= c[0] && c[0] <= Math.max(a[0], b[0]) && Math.min(a[1], b[1]) <= c[1] && c[1] <= Math.max(a[1], b[1]);

/** Whether two segments cross or touch. */
export function meet(a, b, c, d) {
  const [one, two, three, four] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
  if (one !== two && three !== four) return true;
  return (one === 0 && within(a, b, c)) || (two === 0 && within(a, b, d)) || (three === 0 && within(c, d, a)) || (four === 0 && within(c, d, b));
}

/** Whether a line, or the ring it becomes when it is closed, crosses or touches itself. */
export function crossesItself(points, closed) {
  const ends = closed ? [...points, points[0]] : points;
  const last = ends.length - 2;
  for (let i = 0; i <= last; i += 1) {
    for (let k = i + 2; k <= last; k += 1) {
      if (closed && i === 0 && k === last) continue; // neighbours around the start
      if (meet(ends[i], ends[i + 1], ends[k], ends[k + 1])) return true;
    }
    if (i < last && side(ends[i], ends[i + 1], ends[i + 2]) === 0 && turnsBack(ends[i], ends[i + 1], ends[i + 2])) return true;
  }
  return false;
}

const turnsBack = (a, b, c) => (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0;

const inRing = ([x, y], ring) => {
  let inside = false;
  for (let i = 0, k = ring.length - 1; i < ring.length; k = i, i += 1) {
    const [[ax, ay], [bx, by]] = [ring[i], ring[k]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
};

export const insidePolygon = (point, rings) => inRing(point, rings[0]) && !rings.slice(1).some((ring) => inRing(point, ring));

export const inside = (point, geometry) => polygonsOf(geometry).some((rings) => insidePolygon(point, rings));

/** Twice the area in the plane, to compare polygons by; no figure for people. */
const spread = (ring) => Math.abs(ring.reduce((sum, [x, y], i) => sum + x * ring[(i + 1) % ring.length][1] - ring[(i + 1) % ring.length][0] * y, 0));

/** A place inside the largest part for its number: the widest stretch of the line through the middle of its box. */
export function labelPoint(geometry) {
  const parts = polygonsOf(geometry);
  if (!parts.length) return null;
  const rings = parts.reduce((best, part) => (spread(part[0]) > spread(best[0]) ? part : best));
  const [, south, , north] = boxOf(rings[0]);
  const y = (south + north) / 2 + (north - south) * 1e-4; // not exactly through a corner
  const cuts = [];
  for (const ring of rings) {
    ring.forEach(([ax, ay], i) => {
      const [bx, by] = ring[(i + 1) % ring.length];
      if (ay > y !== by > y) cuts.push(ax + ((bx - ax) * (y - ay)) / (by - ay));
    });
  }
  cuts.sort((a, b) => a - b);
  let best = [rings[0][0][0], 0];
  for (let i = 0; i + 1 < cuts.length; i += 2) if (cuts[i + 1] - cuts[i] > best[1]) best = [(cuts[i] + cuts[i + 1]) / 2, cuts[i + 1] - cuts[i]];
  return [best[0], y];
}
