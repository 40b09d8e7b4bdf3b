// Gauss-Kruger plane coordinates of CGCS2000 in zones of three degrees (EPSG:4513 to 4554): Kruger's series to the fourth order in
// n, exact to a thousandth of a millimetre inside a zone. X is northing, Y easting with 500 km, as Chinese surveys write them.

const A = 6378137;
const F = 1 / 298.257222101;
const N = F / (2 - F);
const E = Math.sqrt(F * (2 - F));
const R = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64); // metres of the rectified meridian per radian
const TO = [
  N / 2 - (2 * N ** 2) / 3 + (5 * N ** 3) / 16 + (41 * N ** 4) / 180,
  (13 * N ** 2) / 48 - (3 * N ** 3) / 5 + (557 * N ** 4) / 1440,
  (61 * N ** 3) / 240 - (103 * N ** 4) / 140,
  (49561 * N ** 4) / 161280,
];
const BACK = [
  N / 2 - (2 * N ** 2) / 3 + (37 * N ** 3) / 96 - N ** 4 / 360,
  N ** 2 / 48 + N ** 3 / 15 - (437 * N ** 4) / 1440,
  (17 * N ** 3) / 480 - (37 * N ** 4) / 840,
  (4397 * N ** 4) / 161280,
];
const EAST = 500000;
const RAD = Math.PI / 180;
export const ZONES = [25, 45]; // of China: middle meridians 75° to 135°

/** The zone a longitude lies in; its middle meridian is three times its number. */
export const zoneOf = (lon) => Math.floor((lon + 1.5) / 3);

/** X (north) and Y (east, with 500 km and without the zone number) in metres, with the zone. */
export function toPlane(lon, lat, zone = zoneOf(lon)) {
  const sin = Math.sin(lat * RAD);
  const turn = (lon - 3 * zone) * RAD;
  const t = Math.sinh(Math.atanh(sin) - E * Math.atanh(E * sin));
  const xi = Math.atan2(t, Math.cos(turn));
  const eta = Math.asinh(Math.sin(turn) / Math.hypot(t, Math.cos(turn)));
  let [north, east] = [xi, eta];
  TO.forEach((a, i) => {
    const k = 2 * (i + 1);
    north += a * Math.sin(k * xi) * Math.cosh(k * eta);
    east += a * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  return { x: R * north, y: EAST + R * east, zone };
}

/** Longitude and latitude in degrees of a place on the plane of a zone. */
export function fromPlane(x, y, zone) {
  const xi = x / R;
  const eta = (y - EAST) / R;
  let [north, east] = [xi, eta];
  BACK.forEach((b, i) => {
    const k = 2 * (i + 1);
    north -= b * Math.sin(k * xi) * Math.cosh(k * eta);
    east -= b * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  const conformal = Math.sin(north) / Math.cosh(east); // sine of the conformal latitude
  const wanted = conformal / Math.sqrt(1 - conformal ** 2);
  let tan = wanted;
  for (let i = 0; i < 5; i += 1) { // Newton: the latitude whose conformal latitude this is
    const sigma = Math.sinh(E * Math.atanh((E * tan) / Math.hypot(1, tan)));
    const reached = tan * Math.hypot(1, sigma) - sigma * Math.hypot(1, tan);
    tan += ((wanted - reached) / Math.hypot(1, reached)) * ((1 + (1 - E ** 2) * tan ** 2) / ((1 - E ** 2) * Math.hypot(1, tan)));
  }
  return { lon: 3 * zone + Math.atan2(Math.sinh(east), Math.cos(north)) / RAD, lat: Math.atan(tan) / RAD };
}
