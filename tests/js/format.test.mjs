import assert from "node:assert/strict";
import test from "node:test";
import { area, number } from "../../static/js/lib/format.js";

test("an area is told in hectares and mu", () => assert.equal(area(8000), "0.80 ha (12.0 mu)"));
test("a small area is told in square metres", () => assert.equal(area(94.3), "94 m² (0.14 mu)"));
test("an unknown area is a dash", () => assert.equal(area(null), "–"));
test("figures are grouped by thousands", () => assert.equal(number(1234567.891, 2), "1,234,567.89"));
test("a rounded zero has no sign", () => assert.equal(number(-0.001, 2), "0.00"));
