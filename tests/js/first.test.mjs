import assert from "node:assert/strict";
import test from "node:test";
import { firstTiles, touches } from "../../static/js/map/first.js";

const set = (more) => ({ tiles: ["/t/{z}/{x}/{y}.mvt"], minzoom: 8, maxzoom: 18, bounds: [116.8, 36.1, 116.81, 36.11], ...more });

test("a village on a phone needs the tiles it lies in, at the zoom it is shown at", () => {
  // 0.01° of longitude are 233 pixels at zoom 15 and fill 336 at 15.53: shown at 15.5, from data of zoom 15. By hand:
  // 116.8° is 27015.4 tiles from the west, 36.11° 12855.6 from the north; the phone shows half a tile more to each side.
  const found = firstTiles({ bounds: [116.8, 36.1, 116.81, 36.11], sets: { version: set() } }, 360, 448);
  assert.deepEqual(found, ["/t/15/27015/12855.mvt", "/t/15/27015/12856.mvt", "/t/15/27016/12855.mvt", "/t/15/27016/12856.mvt"]);
});

test("a set ends at its last zoom and begins at its first", () => {
  const bounds = [116.8, 36.1, 116.81, 36.11];
  assert.ok(firstTiles({ bounds, sets: { overview: set({ maxzoom: 12 }) } }, 360, 448).includes("/t/12/3376/1606.mvt"));
  assert.deepEqual(firstTiles({ bounds, sets: { version: set({ minzoom: 16 }) } }, 360, 448), []);
});

test("nothing is asked for a map without a size, or for a set that lies elsewhere", () => {
  const bounds = [116.8, 36.1, 116.81, 36.11];
  assert.deepEqual(firstTiles({ bounds, sets: { version: set() } }, 0, 0), []);
  assert.deepEqual(firstTiles({ bounds, sets: { version: set({ bounds: [100, 30, 101, 31] }) } }, 360, 448), []);
});

test("a tile touches bounds it overlaps, is next to by a little, or that are not known", () => {
  assert.equal(touches([116.8, 36.1, 116.81, 36.11], 14, 13507, 6427), true);
  assert.equal(touches([116.8, 36.1, 116.81, 36.11], 14, 13600, 6427), false);
  assert.equal(touches(undefined, 14, 0, 0), true);
});
