import assert from "node:assert/strict";
import test from "node:test";
import { missingTiles } from "../../static/js/map/missing.js";

function desk(pauses = [1, 2]) {
  const seen = { counts: [], again: 0, pauses: [], later: [], view: new Set(["/a", "/b"]) };
  const missing = missingTiles({ onChange: (count) => seen.counts.push(count), again: () => (seen.again += 1), inView: () => seen.view, wait: (run, pause) => { seen.later.push(run); seen.pauses.push(pause); }, pauses });
  return { missing, seen };
}

test("a tile that failed is asked for again, and its coming is told", () => {
  const { missing, seen } = desk();
  missing.failed("/a");
  seen.later.shift()();
  missing.came("/a");
  assert.deepEqual([seen.counts, seen.again], [[1, 0], 1]);
});
test("the map is whole only when all tiles came", () => {
  const { missing, seen } = desk();
  missing.failed("/a");
  missing.failed("/b");
  missing.came("/a");
  assert.deepEqual(seen.counts, [1, 2]);
  missing.came("/b");
  assert.deepEqual(seen.counts, [1, 2, 0]);
});
test("it does not ask for ever", () => {
  const { missing, seen } = desk();
  for (let n = 0; n < 5; n += 1) {
    missing.failed("/a");
    if (seen.later.length) seen.later.shift()();
  }
  assert.deepEqual([seen.again, seen.pauses], [2, [1, 2]]);
});
test("when the line is back it asks at once", () => {
  const { missing, seen } = desk([]);
  missing.failed("/a");
  missing.online();
  assert.equal(seen.again, 1);
});
test("tiles that come without having failed say nothing", () => {
  const { missing, seen } = desk();
  missing.came("/a");
  assert.deepEqual(seen.counts, []);
});
test("one tile that keeps failing does not stop asking while others come", () => {
  const { missing, seen } = desk();
  for (let n = 0; n < 5; n += 1) {
    missing.failed("/a");
    missing.came("/b");
    seen.later.splice(0).forEach((run) => run());
  }
  assert.equal(seen.again, 5);
});
test("a tile that is out of view is not waited for", () => {
  const { missing, seen } = desk();
  missing.failed("/a");
  missing.failed("/b");
  seen.view = new Set(["/b"]);
  missing.moved();
  assert.deepEqual(seen.counts, [1, 2]);
  missing.came("/b");
  assert.deepEqual(seen.counts, [1, 2, 0], "whole, though /a never came");
  missing.failed("/a");
  assert.deepEqual(seen.counts, [1, 2, 0], "it failed after the map had gone on");
});
test("a map that left all that failed is whole", () => {
  const { missing, seen } = desk();
  missing.failed("/a");
  seen.view = new Set();
  missing.moved();
  seen.later.forEach((run) => run());
  assert.deepEqual([seen.counts, seen.again], [[1, 0], 0]);
});
