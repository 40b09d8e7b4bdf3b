// GCJ-02: the offset that maps of some Chinese services carry by law. Known to about a metre; pictures are shifted with it,
// nothing is measured or stored through it.

const A = 6378245;
const EE = 0.00669342162296594323;
const { PI, sin, cos, sqrt, abs } = Math;

const waves = (v) => (20 * sin(6 * v * PI) + 20 * sin(2 * v * PI)) * (2 / 3);

function northward(x, y) {
  const plain = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x));
  return plain + waves(x) + (20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * (2 / 3) + (160 * sin((y / 12) * PI) + 320 * sin((y / 30) * PI)) * (2 / 3);
}

function eastward(x, y) {
  const plain = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x));
  return plain + waves(x) + (20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * (2 / 3) + (150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * (2 / 3);
}

/** Degrees of a place on the ground (WGS 84, CGCS2000) -> where a map in GCJ-02 draws it. */
export function toGcj02(lon, lat) {
  const phi = (lat / 180) * PI;
  const magic = 1 - EE * sin(phi) * sin(phi);
  const north = (northward(lon - 105, lat - 35) * 180) / (((A * (1 - EE)) / (magic * sqrt(magic))) * PI);
  const east = (eastward(lon - 105, lat - 35) * 180) / ((A / sqrt(magic)) * cos(phi) * PI);
  return [lon + east, lat + north];
}
