import assert from "node:assert/strict";
import test from "node:test";
import { room } from "../../static/js/map/labels.js";

const ring = (...points) => points.map(([x, y]) => ({ x, y }));

test("a word stands in the middle of a square", () => assert.deepEqual(room([ring([0, 0], [40, 0], [40, 20], [0, 20])]), { x: 20, y: 10, width: 40, height: 20 }));
test("and in the wider arm of a shape that is open in the middle", () => {
  const fork = ring([0, 0], [10, 0], [10, 30], [20, 30], [20, 0], [60, 0], [60, 40], [0, 40]);
  assert.deepEqual(room([fork]), { x: 40, y: 20, width: 40, height: 40 });
});
test("a hole takes its room away", () => {
  const free = room([ring([0, 0], [60, 0], [60, 20], [0, 20]), ring([10, 5], [20, 5], [20, 15], [10, 15])]);
  assert.deepEqual([free.x, free.width], [40, 40]);
});
