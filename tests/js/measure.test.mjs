import assert from "node:assert/strict";
import test from "node:test";

globalThis.window = {}; // no map is drawn here
const { figures } = await import("../../static/js/map/measure.js");

const SQUARE = [[116.8, 36.1], [116.801, 36.1], [116.801, 36.101], [116.8, 36.101]];
const [A, B, C, D] = SQUARE;

test("an outline has an area and a length", () => assert.match(figures(SQUARE, true), /^Area: .*around it/));
test("one that crosses itself has no area to tell", () => assert.equal(figures([A, C, B, D], true), "The line crosses itself"));
test("one that goes back on itself has none either", () => assert.equal(figures([A, B, A], true), "The line crosses itself"));
test("a distance may cross itself", () => assert.match(figures([A, C, B, D], false), /^Distance: /));
