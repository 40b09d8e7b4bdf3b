import assert from "node:assert/strict";
import test from "node:test";
import { crossesItself, inside, keyOf, labelPoint, meet } from "../../static/js/draw/geometry.js";
import { nodeIndex } from "../../static/js/draw/nodes.js";
import { shapeGrid, snapTo } from "../../static/js/draw/snap.js";
import { sketch } from "../../static/js/draw/sketch.js";

const square = (x, y, size = 1) => ({ type: "MultiPolygon", coordinates: [[[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]]] });
const HOLED = { type: "Polygon", coordinates: [[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]], [[2, 2], [7, 2], [7, 7], [2, 7], [2, 2]]] };

test("segments that cross, touch or lie on each other meet; others do not", () => {
  assert.ok(meet([0, 0], [2, 2], [0, 2], [2, 0]));
  assert.ok(meet([0, 0], [2, 0], [1, 0], [1, 5]));
  assert.ok(!meet([0, 0], [2, 0], [0, 1], [2, 1]));
});

test("an outline that crosses itself is found, also by the edge that closes it", () => {
  const bowTie = [[0, 0], [2, 2], [2, 0], [0, 2]];
  assert.ok(crossesItself(bowTie, false));
  assert.ok(crossesItself([[0, 0], [4, 0], [4, 4], [2, -1]], true));
  assert.ok(!crossesItself([[0, 0], [4, 0], [4, 4], [0, 4]], true));
  assert.ok(crossesItself([[0, 0], [4, 0], [1, 0]], false), "back along itself");
});

test("a place in a hole is not inside", () => {
  assert.ok(inside([1, 1], HOLED));
  assert.ok(!inside([4, 4], HOLED));
  assert.ok(!inside([10, 1], HOLED));
});

test("a number is written inside its zone, not in its hole", () => assert.ok(inside(labelPoint(HOLED), HOLED)));

function threeZones() {
  const nodes = nodeIndex();
  nodes.put(1, square(0, 0));
  nodes.put(2, square(1, 0));
  nodes.put(3, square(0, 1));
  return nodes;
}

test("a corner knows all zones that have it, an edge too", () => {
  const nodes = threeZones();
  assert.deepEqual(nodes.at([1, 1]), [1, 2, 3]);
  assert.deepEqual(nodes.at([0, 0]), [1]);
  assert.deepEqual(nodes.along([1, 0], [1, 1]), [1, 2]);
  assert.deepEqual(nodes.along([1, 1], [1, 0]), [1, 2]);
});

test("a moved corner moves in every zone that shares it and nowhere else", () => {
  const moved = threeZones().moved([1, 1], [1.1, 1.2]);
  assert.deepEqual([...moved.keys()], [1, 2, 3]);
  for (const geometry of moved.values()) {
    const keys = geometry.coordinates[0][0].map(keyOf);
    assert.ok(keys.includes(keyOf([1.1, 1.2])) && !keys.includes(keyOf([1, 1])));
    assert.deepEqual(geometry.coordinates[0][0][0], geometry.coordinates[0][0].slice(-1)[0], "still closed");
  }
});

test("a corner put into an edge is put into both zones", () => {
  const changed = threeZones().inserted([1, 0], [1, 1], [1.1, 0.5]);
  assert.deepEqual([...changed.keys()], [1, 2]);
  for (const geometry of changed.values()) assert.equal(geometry.coordinates[0][0].length, 6);
});

test("a zone that went leaves no corner behind, one that changed leaves none of its old ones", () => {
  const nodes = threeZones();
  nodes.put(3, null);
  nodes.put(2, square(5, 5));
  assert.deepEqual(nodes.at([1, 1]), [1]);
  assert.deepEqual(nodes.along([1, 0], [1, 1]), [1]);
  assert.deepEqual(nodes.at([6, 6]), [2]);
  assert.equal(nodes.ofZone(1).length, 4);
});

const flat = { toPixel: (p) => p, toPlace: (p) => p };

test("a corner within reach wins over a nearer edge, an edge over nothing", () => {
  const lines = [[[0, 0], [100, 0]]];
  assert.deepEqual(snapTo([8, 2], lines, { reach: 10, ...flat }), { point: [0, 0], kind: "corner" });
  assert.deepEqual(snapTo([50, 4], lines, { reach: 10, ...flat }), { point: [50, 0], kind: "edge" });
  assert.equal(snapTo([50, 14], lines, { reach: 10, ...flat }), null);
});

test("a corner that moves does not snap to where it was, nor to its own edges", () => {
  const lines = [[[0, 0], [50, 0], [100, 0]]];
  assert.equal(snapTo([51, 3], lines, { reach: 10, without: [50, 0], ...flat }), null);
});

test("shapes are found by where they lie, and forgotten when they go", () => {
  const grid = shapeGrid(1);
  grid.put("a", [[[0, 0], [3, 3]]]);
  grid.put("b", [[[8, 8], [9, 9]]]);
  assert.equal(grid.near([2, 2, 2.5, 2.5]).length, 1);
  grid.put("a", null);
  assert.equal(grid.near([2, 2, 2.5, 2.5]).length, 0);
});

test("an outline takes corners, refuses one that would cross, and gives the last one back", () => {
  const drawn = sketch("area");
  for (const corner of [[0, 0], [4, 0], [4, 4]]) assert.ok(drawn.add(corner));
  assert.ok(!drawn.add([2, -1]));
  assert.ok(drawn.isWhole() && drawn.closes([0, 0]) && !drawn.closes([4, 4]));
  assert.deepEqual(drawn.geometry().coordinates[0].length, 4);
  drawn.back();
  assert.ok(!drawn.isWhole() && drawn.geometry() === null);
});

test("the shape under the pointer is called wrong before the corner is put", () => {
  const drawn = sketch("area");
  for (const corner of [[0, 0], [4, 0], [4, 4]]) drawn.add(corner);
  assert.ok(drawn.isSound([0, 4]));
  assert.ok(!drawn.isSound([2, -1]));
});

test("a line needs two corners, a point is put anew", () => {
  const line = sketch("line");
  line.add([0, 0]);
  assert.ok(!line.isWhole());
  line.add([1, 1]);
  assert.deepEqual(line.geometry(), { type: "LineString", coordinates: [[0, 0], [1, 1]] });
  const point = sketch("point");
  point.add([0, 0]);
  point.add([2, 2]);
  assert.deepEqual(point.geometry().coordinates, [2, 2]);
});
