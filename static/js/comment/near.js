// How far two places of a village are apart: on a plane that touches it there. For comparing only, figures for people are geodesic.js's.

const METRES = 111320; // of a degree of latitude

/** Metres between {lon, lat} and {lon, lat}; Infinity where one of them is no place. */
export function apart(a, b) {
  if (![a.lon, a.lat, b.lon, b.lat].every(Number.isFinite)) return Infinity;
  const east = (a.lon - b.lon) * Math.cos(((a.lat + b.lat) / 2) * (Math.PI / 180));
  return METRES * Math.hypot(east, a.lat - b.lat);
}
