import assert from "node:assert/strict";
import test from "node:test";
import { missingTiles } from "../../static/js/map/missing.js";

function desk(pauses = [1, 2]) {
  const seen = { counts: [], again: 0, pauses: [], later: [] };
  const missing = missingTiles({ onChange: (count) => seen.counts.push(count), again: () => (seen.again += 1), wait: (run, pause) => { seen.later.push(run); seen.pauses.push(pause); }, pauses });
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
