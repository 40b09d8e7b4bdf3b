// Expected values: pyproj.Geod(a=6378137, rf=298.257222101), line_length and polygon_area_perimeter.
import assert from "node:assert/strict";
import test from "node:test";
import { areaOf, lengthOf } from "../../static/js/map/geodesic.js";

const RING = [[110.45, 37.6], [110.4712345, 37.6], [110.47, 37.6154321], [110.452, 37.61]];
const HOLE = [[110.455, 37.602], [110.46, 37.602], [110.46, 37.606]];
const close = (value, wanted, within) => assert.ok(Math.abs(value - wanted) < within, `${value} is not ${wanted}`);

test("a line is as long as on the ellipsoid", () => close(lengthOf(RING), 5291.201579, 1e-5));
test("one point has no length", () => assert.equal(lengthOf([RING[0]]), 0));
test("a polygon has the area of the ellipsoid, whichever way it is drawn", () => {
  close(areaOf([RING]), 2434539.0404, 0.001);
  close(areaOf([[...RING].reverse()]), 2434539.0404, 0.001);
});
test("a closed ring is the same polygon", () => close(areaOf([[...RING, RING[0]]]), 2434539.0404, 0.001));
test("a hole is taken off", () => close(areaOf([RING, HOLE]), 2434539.0404 - 98008.8586, 0.001));
test("two points have no area", () => assert.equal(areaOf([RING.slice(0, 2)]), 0));
