import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.window = globalThis.window || {};
const { halves, percentAt } = await import("../../static/js/map/swipe.js");

test("both halves together are the whole map, wherever the map was dragged to", () => {
  const [left, right] = halves({ x: 400, y: 300 }, { x: -50, y: 20 }, 0.25);
  assert.equal(left, "polygon(-50px 20px, 50px 20px, 50px 320px, -50px 320px)");
  assert.equal(right, "polygon(50px 20px, 350px 20px, 350px 320px, 50px 320px)");
});

test("the border stays inside the map", () => {
  const [left] = halves({ x: 100, y: 10 }, { x: 0, y: 0 }, 7);
  assert.equal(left, "polygon(0px 0px, 100px 0px, 100px 10px, 0px 10px)");
  assert.equal(percentAt(500, { left: 100, width: 200 }), 100);
  assert.equal(percentAt(0, { left: 100, width: 200 }), 0);
  assert.equal(percentAt(150, { left: 100, width: 200 }), 25);
});
