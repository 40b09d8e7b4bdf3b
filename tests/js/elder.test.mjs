import assert from "node:assert/strict";
import test from "node:test";
import { remember, wanted } from "../../static/js/lib/elder.js";

const storage = () => ({ kept: {}, getItem(key) { return this.kept[key] ?? null; }, setItem(key, value) { this.kept[key] = value; } });
const forbidden = { getItem() { throw new Error("forbidden"); }, setItem() { throw new Error("forbidden"); } };

test("the larger type is remembered", () => {
  const device = storage();
  remember(true, device);
  assert.ok(wanted(device));
  remember(false, device);
  assert.ok(!wanted(device));
});
test("a device that forbids storage gets the normal type and no error", () => {
  remember(true, forbidden);
  assert.ok(!wanted(forbidden));
});
