// Plane coordinates: pyproj, Transformer.from_crs(4490, EPSG:4513 + zone - 25 or 4534 + zone - 25).
import assert from "node:assert/strict";
import test from "node:test";
import { read, sexagesimal, written } from "../../static/js/map/coordinates.js";
import { fromPlane, toPlane, zoneOf } from "../../static/js/map/gausskruger.js";

const PLACES = [ // zone, lon, lat, Y (east), X (north)
  [37, 110.4567891, 37.6123456, 452038.2073, 4164609.9296],
  [38, 114.2, 30.5, 519199.8045, 3375558.7405],
  [25, 75.3, 39.4, 525840.9863, 4362954.6459],
  [45, 135.0, 53.55, 500000.0, 5935830.6667],
  [39, 118.4999, 3.4, 666695.2078, 376086.3884],
];
const MM = 0.001;

test("a place on the plane is exact to a millimetre", () => {
  for (const [zone, lon, lat, y, x] of PLACES) {
    const found = toPlane(lon, lat, zone);
    assert.ok(Math.abs(found.x - x) < MM && Math.abs(found.y - y) < MM, `${zone}: ${found.x} ${found.y}`);
  }
});
test("and leads back to where it came from", () => {
  for (const [zone, lon, lat] of PLACES) {
    const { x, y } = toPlane(lon, lat, zone);
    const found = fromPlane(x, y, zone);
    assert.ok(Math.abs(found.lon - lon) < 1e-10 && Math.abs(found.lat - lat) < 1e-10, `${found.lon} ${found.lat}`);
  }
});
test("zones are three degrees wide, around their meridian", () => assert.deepEqual([116.8, 118.4999, 118.5, 115.5].map(zoneOf), [39, 39, 40, 39]));

test("seconds never come to sixty", () => assert.equal(sexagesimal(116.9999999999), "117°00′00.00″"));
test("a place is written in three ways", () => {
  assert.deepEqual(written({ lon: 110.4567891, lat: 37.6123456 }), {
    decimal: "110.4567891, 37.6123456", sexagesimal: "110°27′24.44″E, 37°36′44.44″N", plane: "X=4164609.930 Y=37452038.207", zone: 37,
  });
});

const close = (found, lon, lat) => assert.ok(found && Math.abs(found.lon - lon) < 1e-8 && Math.abs(found.lat - lat) < 1e-8, JSON.stringify(found));
test("what is written is read again", () => {
  const place = { lon: 110.4567891, lat: 37.6123456 };
  close(read(written(place).decimal, 0), place.lon, place.lat);
  const { lon, lat } = read(written(place).sexagesimal, 0);
  assert.ok(Math.abs(lon - place.lon) < 2e-6 && Math.abs(lat - place.lat) < 2e-6);
  close(read(written(place).plane, 0), 110.4567891, 37.6123456);
});
test("degrees are read in either order and with Chinese signs", () => {
  close(read("116.5 36.25", 0), 116.5, 36.25);
  close(read("36.25，116.5", 0), 116.5, 36.25);
  close(read("北纬36°15′，东经116°30′", 0), 116.5, 36.25);
  close(read("116度30分0秒 36度15分0秒", 0), 116.5, 36.25);
  close(read("N36.25 E116.5", 0), 116.5, 36.25);
});
test("a plane place may leave out letters, order and zone", () => {
  for (const text of ["4164609.9296 37452038.2073", "37452038.2073, 4164609.9296", "Y=452038.2073 X=4164609.9296", "4164609.9296,452038.2073"]) {
    const found = read(text, 110.4);
    assert.ok(Math.abs(found.lon - 110.4567891) < 1e-8 && Math.abs(found.lat - 37.6123456) < 1e-8, text);
  }
});
test("what is no place is none", () => {
  for (const text of ["", "abc", "116.5", "116.5 36.2 5", "116 91.5 E", "116°61′ 36°15′", "X=1 Y=99500000", "95 95"]) assert.equal(read(text, 116.8), null, text);
});
