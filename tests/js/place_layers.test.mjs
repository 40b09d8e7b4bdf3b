import assert from "node:assert/strict";
import test from "node:test";
import { layersOf } from "../../static/js/map/place_layers.js";

const SAID = {
  now: { code: "0201", name: "Orchard", area_m2: 9990, number: 75, bbox: [1, 2, 3, 4] },
  planned: { zone: 9, label: "A-9", code: "070301", name: "Homestead", area_m2: 99900, bbox: [1, 2, 3, 4] },
  lines: [{ kind: "CZJSBJ", kind_text: "Village construction boundary", name: "", number: null, area_m2: null, bbox: null }],
  conflicts: [], projects: [], facilities: [{ kind: "11", kind_text: "Clinic", name: "村卫生所", distance_m: 90, bbox: [1, 2, 1, 2] }],
  comments: [{ number: 2, id: "abc", words: "路", answered: true }],
};

test("every layer with something in it is told, with its figures", () => {
  const groups = layersOf(SAID);
  assert.deepEqual(groups.map(({ title }) => title), ["Planned land use", "Land today (base year)", "Control lines", "Public facilities", "Comments"]);
  assert.equal(groups[0].rows[0].text, "Zone 9 (A-9)");
  assert.equal(groups[0].rows[0].more, "Homestead 070301 · 9.99 ha (149.8 mu)");
  assert.equal(groups[4].rows[0].link, "#comment-abc");
});
test("what may not be shown has no place to go to", () => assert.equal(layersOf(SAID)[2].rows[0].bbox, null));
test("a place with nothing on record has no layers", () => assert.deepEqual(layersOf({ now: null, planned: null }), []));
