// Lengths and areas on the ellipsoid of CGCS2000, as the server measures them (ST_Area and ST_Length of a geography).
// Points are [lon, lat] in degrees; a ring may be closed or not, its direction does not matter.
import geodesic from "geographiclib-geodesic";

const CGCS2000 = new geodesic.Geodesic.Geodesic(6378137, 1 / 298.257222101);

function measured(points, asLine) {
  const sum = CGCS2000.Polygon(asLine);
  for (const [lon, lat] of points) sum.AddPoint(lat, lon);
  return sum.Compute(false, true);
}

/** The length of a line in metres. */
export function lengthOf(points) {
  return points.length < 2 ? 0 : measured(points, true).perimeter;
}

const ringArea = (ring) => (ring.length < 3 ? 0 : Math.abs(measured(ring, false).area));

/** The area of a polygon in square metres: the first ring is its border, the others are holes. */
export function areaOf(rings) {
  return rings.reduce((sum, ring, index) => (index ? sum - ringArea(ring) : ringArea(ring)), 0);
}
