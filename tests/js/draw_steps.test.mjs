import assert from "node:assert/strict";
import test from "node:test";
import { claim } from "../../static/js/draw/alone.js";
import { groupClasses } from "../../static/js/draw/picker.js";
import { fieldsOf } from "../../static/js/draw/projects.js";
import { stepQueue } from "../../static/js/draw/queue.js";
import { othersText, savedText, undoText } from "../../static/js/draw/says.js";
import { drawingState, usedClasses } from "../../static/js/draw/state.js";

function memory(kept = {}) {
  return { kept, getItem: (name) => (name in kept ? kept[name] : null), setItem: (name, text) => (kept[name] = text), removeItem: (name) => delete kept[name] };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));
const fault = (status, code = "") => Object.assign(new Error("no"), { status, code });

/** A queue whose server answers what `answers` says: a value, or an error to throw. */
function queueWith(answers, extra = {}) {
  const told = { sent: [], answered: [], refused: [], seen: [], waits: [], asked: 0 };
  const storage = extra.storage || memory();
  const queue = stepQueue({
    name: "drawing-1",
    storage,
    async send(step) {
      told.sent.push(step);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
    onAnswer: (step, answer) => told.answered.push([step.kind, answer]),
    onRefused(step, error) {
      told.refused.push(error.code);
      return extra.refused || "drop";
    },
    onChange: (now) => told.seen.push(now),
    async who() {
      told.asked += 1;
      const found = (extra.who || []).shift();
      if (found instanceof Error) throw found;
      return found || "me";
    },
    wait: (again, pause) => told.waits.push([again, pause]),
    unwait() {},
  });
  return { queue, told, storage };
}

test("steps go one after the other, in order, and nothing is left in the browser", async () => {
  const { queue, told, storage } = queueWith([1, 2]);
  queue.add({ kind: "place" });
  queue.add({ kind: "split" });
  await soon();
  await soon();
  assert.deepEqual(told.answered, [["place", 1], ["split", 2]]);
  assert.deepEqual(storage.kept, {});
  assert.ok(queue.isIdle());
});

test("a step whose line broke waits, stays in the browser, and is sent again with the same key", async () => {
  const { queue, told, storage } = queueWith([fault(0), 1]);
  queue.add({ kind: "place" });
  await soon();
  assert.deepEqual(told.seen[told.seen.length - 1], { count: 1, sending: false, trouble: "line" });
  assert.equal(JSON.parse(storage.kept["drawing-1"]).length, 1);
  told.waits[0][0]();
  await soon();
  assert.equal(told.sent[0].key, told.sent[1].key);
  assert.equal(told.answered.length, 1);
});

for (const status of [401, 403, 404]) {
  for (const found of ["signed_out", "other", "denied"]) {
    test(`a step refused with ${status} stays in the browser while it is ${found}, and goes when that has changed`, async () => {
      const { queue, told, storage } = queueWith([fault(status), 1, 2], { who: [found, "me"] });
      queue.add({ kind: "place" });
      queue.add({ kind: "split" });
      await soon();
      assert.deepEqual(told.seen[told.seen.length - 1], { count: 2, sending: false, trouble: found });
      assert.deepEqual(JSON.parse(storage.kept["drawing-1"]).map((step) => step.kind), ["place", "split"]);
      assert.deepEqual([told.refused, told.waits], [[], []], "nobody dropped it, and nothing is sent before somebody signed in");
      await queue.look();
      for (let i = 0; i < 4; i += 1) await soon();
      assert.deepEqual(told.answered.map(([kind]) => kind), ["place", "split"]);
      assert.equal(told.sent[0].key, told.sent[1].key);
      assert.equal(queue.trouble(), "");
    });
  }
}

test("an old token is renewed once, and the step goes again by itself", async () => {
  const { queue, told } = queueWith([fault(403), 1]);
  queue.add({ kind: "place" });
  await soon();
  await soon();
  assert.deepEqual([told.asked, told.answered.length, told.refused.length], [1, 1, 0]);
});

test("what is refused again to a person who is signed in is held for that person to decide", async () => {
  const { queue, told, storage } = queueWith([fault(404, "not_found"), fault(404, "not_found"), 1], { refused: "hold" });
  queue.add({ kind: "place" });
  await soon();
  await soon();
  assert.deepEqual([told.asked, told.refused, queue.isIdle()], [1, ["not_found"], false]);
  assert.ok(storage.kept["drawing-1"]);
  queue.resume(true, told.sent[0].key);
  await soon();
  assert.deepEqual([told.sent[2].key, queue.isIdle()], [told.sent[0].key, true]);
});

test("a fault of the portal keeps the steps and sends them again; at the fifth a person is asked", async () => {
  const { queue, told, storage } = queueWith([500, 503, 500, 500, 500, 500].map((status) => fault(status)), { refused: "hold" });
  queue.add({ kind: "place" });
  await soon();
  assert.deepEqual(told.seen[told.seen.length - 1], { count: 1, sending: false, trouble: "fault" });
  for (let i = 0; i < 4; i += 1) {
    told.waits[i][0]();
    await soon();
    assert.equal(told.refused.length, 0);
  }
  assert.deepEqual(told.waits.map(([, pause]) => pause), [2000, 4000, 8000, 15000, 15000]);
  told.waits[4][0]();
  await soon();
  assert.equal(told.refused.length, 1);
  assert.ok(storage.kept["drawing-1"]);
});

test("too many steps wait half a minute", async () => {
  const { queue, told } = queueWith([fault(429), 1]);
  queue.add({ kind: "place" });
  await soon();
  assert.deepEqual([queue.trouble(), told.waits[0][1]], ["busy", 30000]);
  told.waits[0][0]();
  await soon();
  assert.ok(queue.isIdle());
});

test("who cannot be asked who he is, because the line broke meanwhile, waits for the line", async () => {
  const { queue } = queueWith([fault(404)], { who: [fault(0)] });
  queue.add({ kind: "place" });
  await soon();
  assert.equal(queue.trouble(), "line");
});

test("a second tab is told that the first one draws", async () => {
  const taken = { request: (name, { signal }) => new Promise((resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted")))) };
  const free = { request: (name, options, hold) => hold() };
  assert.deepEqual(await Promise.all([claim("d", taken), claim("d", free), claim("d", null)]), [false, true, true]);
});

test("a page that is opened again sends what the last one left", async () => {
  const storage = memory({ "drawing-1": JSON.stringify([{ key: "k", kind: "merge" }]) });
  const { queue, told } = queueWith([1], { storage });
  queue.run();
  await soon();
  assert.equal(told.sent[0].key, "k");
});

test("a refused step is dropped and the next one goes", async () => {
  const { queue, told } = queueWith([fault(400, "outside"), 2]);
  queue.add({ kind: "move" });
  queue.add({ kind: "set" });
  await soon();
  await soon();
  assert.deepEqual(told.refused, ["outside"]);
  assert.deepEqual(told.answered, [["set", 2]]);
});

test("a step that met another person's is held; done again it has a new key, left it is gone", async () => {
  for (const again of [true, false]) {
    const { queue, told } = queueWith([fault(409, "changed_meanwhile"), 1], { refused: "hold" });
    queue.add({ kind: "move" });
    await soon();
    assert.equal(told.sent.length, 1);
    assert.ok(!queue.isIdle());
    queue.resume(again);
    await soon();
    assert.ok(queue.isIdle());
    assert.equal(told.sent.length, again ? 2 : 1);
    if (again) assert.notEqual(told.sent[0].key, told.sent[1].key);
  }
});

test("steps made on one revision follow their own, and one that met only those goes again with what was changed", async () => {
  const { queue, told } = queueWith([fault(409, "changed_meanwhile"), 1, 2], { refused: "again" });
  queue.add({ kind: "move", base: 4 });
  queue.add({ kind: "move", base: 4 });
  queue.rebase(4, 5);
  await soon();
  await soon();
  await soon();
  assert.deepEqual(told.sent.map((step) => step.base), [5, 5, 5]);
  assert.equal(told.sent[0].key, told.sent[1].key);
  assert.ok(queue.isIdle());
});

test("storage that refuses does not stop a step", async () => {
  const broken = { getItem() { throw new Error("x"); }, setItem() { throw new Error("x"); }, removeItem() { throw new Error("x"); } };
  const { queue, told } = queueWith([1], { storage: broken });
  queue.add({ kind: "set" });
  await soon();
  assert.equal(told.answered.length, 1);
});

test("the status line says saved, saving, and how many steps wait", () => {
  assert.equal(savedText({ count: 0, sending: false, trouble: "" }), "All changes are saved.");
  assert.equal(savedText({ count: 1, sending: true, trouble: "" }), "Saving…");
  assert.equal(savedText({ count: 3, sending: false, trouble: "line" }), "No connection: 3 steps wait and are sent when the line is back.");
  const told = ["fault", "busy", "signed_out", "other", "denied"].map((trouble) => savedText({ count: 3, sending: false, trouble }));
  assert.equal(new Set(told).size, told.length);
  for (const text of told) assert.match(text, /[Ss]teps.* 3\.$/);
});

test("what others did is said by name, and long histories are counted", () => {
  const steps = Array.from({ length: 5 }, (_, i) => ({ by: "Li", text: `step ${i}` }));
  assert.equal(othersText(steps), "2 earlier steps of others. Li: step 2. Li: step 3. Li: step 4.");
  assert.equal(othersText([]), "");
  assert.equal(undoText({ mine: false, by: "Li", text: "Zone 1 split" }), "Undo what Li did: Zone 1 split");
});

const zone = (number, code) => ({ number, code, geometry: null });

test("an answer brings new zones, takes those that went, and a late one takes no revision back", () => {
  const told = [];
  const state = drawingState((numbers) => told.push(numbers));
  state.open({ revision: 4, zones: [zone(1, "0101"), zone(2, "")], projects: [], undo: null, redo: null, totals: { zones: 2 } });
  state.take({ revision: 6, zones: { 2: null, 3: zone(3, "0703") }, projects: { 1: { number: 1 } } });
  assert.deepEqual([...state.zones.keys()], [1, 3]);
  assert.equal(state.projects.size, 1);
  assert.deepEqual(state.totals, { zones: 2 });
  state.take({ revision: 5, zones: {} });
  assert.equal(state.revision, 6);
  assert.deepEqual(told, [[1, 2], [2, 3]]);
});

test("the classes used most come first", () => assert.deepEqual(usedClasses([zone(1, "0703"), zone(2, "0101"), zone(3, "0703"), zone(4, "")]), ["0703", "0101"]));

const CLASSES = [["01", "耕地", "Cropland"], ["0101", "水田", "Paddy"], ["07", "居住用地", "Housing"], ["0703", "农村宅基地", "Rural homestead"]]
  .map(([code, zh, en]) => ({ code, name: en, name_zh: zh, name_en: en }));

test("classes stand in the groups of the classification, those of the drawing first", () => {
  const groups = groupClasses(CLASSES, { used: ["0703"] });
  assert.deepEqual(groups.map((g) => g.title), ["Most used here", "01 Cropland", "07 Housing"]);
  assert.deepEqual(groups[0].classes.map((c) => c.code), ["0703"]);
});

test("a class is found by the beginning of its code and by a part of its name in either language", () => {
  const found = (typed) => groupClasses(CLASSES, { typed }).flatMap((g) => g.classes.map((c) => c.code));
  assert.deepEqual(found("07"), ["07", "0703"]);
  assert.deepEqual(found("宅基"), ["0703"]);
  assert.deepEqual(found("padd"), ["0101"]);
});

test("empty numbers of a project are null, words are trimmed", () => {
  const fields = fieldsOf({ name: " 村路 ", starts_in: "2027", ends_in: "", budget_wan: "", state: "proposed" });
  assert.deepEqual([fields.name, fields.starts_in, fields.ends_in, fields.budget_wan, fields.project_kind], ["村路", 2027, null, null, ""]);
  assert.ok(!("kind" in fields), "that is the kind of the step");
});
