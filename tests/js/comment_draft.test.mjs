import assert from "node:assert/strict";
import test from "node:test";
import { alike } from "../../static/js/comment/alike.js";
import { bodyOf, cleaned, draftStore, isEmpty, keyOf } from "../../static/js/comment/draft.js";
import { inOrder } from "../../static/js/comment/order.js";
import { outbox, passes, todo } from "../../static/js/comment/outbox.js";
import { apart } from "../../static/js/comment/near.js";

function memory() {
  const rows = new Map();
  return { getItem: (name) => (rows.has(name) ? rows.get(name) : null), setItem: (name, text) => rows.set(name, text), removeItem: (name) => rows.delete(name), rows };
}
const forbidden = { getItem() { throw new Error("forbidden"); }, setItem() { throw new Error("full"); }, removeItem() { throw new Error("forbidden"); } };
const DRAFT = cleaned({ text: "路太窄", about: "zone", zone: "12", once: "k1" });
const lost = { status: 0, message: "no answer" };

/** An outbox whose answers are given one after the other: an error to throw, or an answer. */
function box(...answers) {
  const [told, sent, timers] = [[], [], []];
  const store = draftStore("d", memory());
  const out = outbox({
    store,
    tell: (state, detail, what) => told.push([state, what].filter(Boolean).join(" ")),
    async send(draft) {
      sent.push(draft.once);
      const next = answers.shift();
      if (next.status !== undefined) throw next;
      return next;
    },
    wait: (run, ms) => timers.push({ run, ms }),
    unwait() {},
  });
  return { out, store, told, sent, timers };
}

test("drafts of a version lie apart for each account of a shared phone", () => assert.notEqual(keyOf("v", "1"), keyOf("v", "2")));
test("a draft is there again after the tab was closed", () => {
  const storage = memory();
  draftStore("d", storage).save(DRAFT);
  assert.deepEqual(draftStore("d", storage).read(), DRAFT);
});
test("an empty draft leaves nothing on the device", () => {
  const storage = memory();
  const store = draftStore("d", storage);
  store.save(DRAFT);
  store.save({ ...DRAFT, text: "  ", zone: "" });
  assert.equal(storage.rows.size, 0);
  assert.equal(store.read(), null);
});
test("without a storage the draft lives as long as the page", () => {
  const store = draftStore("d", forbidden);
  store.save(DRAFT);
  assert.equal(store.read().text, "路太窄");
  store.clear();
  assert.equal(store.read(), null);
});
test("what else stands in the storage is no draft", () => {
  const storage = memory();
  for (const text of ["{", "[]", "7", '{"text": 7, "wanted": "yes", "evil": 1}']) {
    storage.setItem("d", text);
    const found = draftStore("d", storage).read();
    if (found) assert.deepEqual([found.text, found.wanted, found.evil], ["", false, undefined]);
  }
});
test("a place alone is worth keeping", () => assert.ok(!isEmpty(cleaned({ lon: "116.8", lat: "36.1" }))));

test("only what the comment is about goes to the server", () => {
  const all = { ...DRAFT, project: "2", lon: "116.8", lat: "36.1", shape: '{"type":"Polygon","coordinates":[]}' };
  assert.deepEqual(bodyOf({ ...all, about: "plan" }), { text: "路太窄", once: "k1" });
  assert.deepEqual(bodyOf({ ...all, about: "zone" }, ["p"]), { text: "路太窄", once: "k1", zone: 12, photos: ["p"] });
  assert.deepEqual(bodyOf({ ...all, about: "place" }), { text: "路太窄", once: "k1", zone: 12, lon: 116.8, lat: 36.1 });
  assert.deepEqual(bodyOf({ ...all, about: "project" }), { text: "路太窄", once: "k1", project: 2 });
  assert.deepEqual(bodyOf({ ...all, about: "area" }).shape, { type: "Polygon", coordinates: [] });
});

test("a comment that was taken leaves no draft", async () => {
  const { out, store, told } = box({ id: "c" });
  await out.press(DRAFT);
  assert.deepEqual(told, ["sending", "sent"]);
  assert.equal(store.read(), null);
});
test("a lost line keeps the draft, and the same key goes again when it is back", async () => {
  const { out, store, told, sent, timers } = box(lost, lost, { id: "c" });
  await out.press(DRAFT);
  assert.equal(store.read().wanted, true);
  await out.resume();
  assert.ok(timers[1].ms > timers[0].ms);
  await timers[1].run();
  assert.deepEqual(told, ["sending", "waiting", "sending", "waiting", "sending", "sent"]);
  assert.deepEqual(sent, ["k1", "k1", "k1"]);
});
test("words that were changed while the first ones had arrived are kept, not dropped", async () => {
  const { out, store, told } = box({ id: "c", text: "路太窄" });
  await out.press({ ...DRAFT, text: "路太窄，还没有灯" });
  assert.deepEqual([told, store.read().text, store.read().once, store.read().wanted], [["sending", "older"], "路太窄，还没有灯", "", false]);
});
test("a second press while the first is on its way sends nothing", async () => {
  const { out, sent } = box({ id: "c" });
  await Promise.all([out.press(DRAFT), out.resume(), out.resume()]);
  assert.deepEqual(sent, ["k1"]);
});
test("refusals keep the words, wait for a person, and say what to do", async () => {
  const answers = { "signin": { status: 403, code: "not_authenticated" }, "later": { status: 429, code: "comments_a_day" }, "closed": { status: 409, code: "notice_closed" }, "right": { status: 400, code: "text" } };
  for (const [what, answer] of Object.entries(answers)) {
    const { out, store, told, timers } = box(answer);
    await out.press(DRAFT);
    assert.deepEqual(told, ["sending", `refused ${what}`]);
    assert.deepEqual([store.read().text, store.read().wanted, timers.length], ["路太窄", false, 0], what);
  }
});
test("what was never pressed is not sent by itself", async () => {
  const { out, store, sent } = box();
  store.save(DRAFT);
  await out.resume();
  assert.deepEqual(sent, []);
});
test("a discarded draft is not sent when the line is back", async () => {
  const { out, sent } = box(lost);
  await out.press(DRAFT);
  out.stop();
  await out.resume();
  assert.equal(sent.length, 1);
});
test("faults of the server and a busy row pass, refusals do not", () => {
  for (const error of [lost, { status: 500 }, { status: 503 }, { status: 409, code: "busy" }]) assert.ok(passes(error));
  for (const error of [{ status: 400 }, { status: 403 }, { status: 409, code: "notice_closed" }, { status: 413 }, { status: 429 }]) assert.ok(!passes(error));
  assert.equal(todo({ status: 413 }), "right");
  assert.equal(todo({ status: 403, code: "permission_denied" }), "signin");
});

const PINS = [
  { id: "a", zone: 12, project: null, lon: 116.8, lat: 36.1 },
  { id: "b", zone: null, project: 2, lon: 116.8004, lat: 36.1 },
  { id: "c", zone: 3, project: null, lon: 116.81, lat: 36.11 },
];
const ids = (draft) => alike(cleaned(draft), PINS).map(({ id }) => id);
test("comments about the same zone, project, place or area are found", () => {
  assert.deepEqual(ids({ about: "zone", zone: "12" }), ["a"]);
  assert.deepEqual(ids({ about: "project", project: "2" }), ["b"]);
  assert.deepEqual(ids({ about: "place", lon: "116.8001", lat: "36.1" }), ["a", "b"]);
  assert.deepEqual(ids({ about: "place", zone: "3", lon: "116.7", lat: "36.0" }), ["c"]);
  assert.deepEqual(ids({ about: "area", shape: JSON.stringify({ type: "Polygon", coordinates: [[[116.809, 36.109], [116.811, 36.109], [116.811, 36.111], [116.809, 36.109]]] }) }), ["c"]);
  assert.deepEqual([ids({ about: "plan" }), ids({ about: "zone" }), ids({ about: "place" })], [[], [], []]);
});
test("metres between two places are near enough to compare", () => assert.ok(Math.abs(apart({ lon: 116.8, lat: 36.1 }, { lon: 116.81, lat: 36.1 }) - 900) < 5));

const row = (number, supports, at) => ({ dataset: { number, supports }, at });
const ROWS = [row("1", "0", PINS[2]), row("2", "5", PINS[0]), row("3", "5", undefined)];
const numbers = (...order) => inOrder(ROWS, ...order).map(({ dataset }) => dataset.number);
test("comments are listed by age, by supports and by distance", () => {
  assert.deepEqual(numbers("newest"), ["3", "2", "1"]);
  assert.deepEqual(numbers("supported"), ["2", "3", "1"]);
  assert.deepEqual(numbers("near", { lon: 116.8, lat: 36.1 }), ["2", "1", "3"]);
  assert.deepEqual(numbers("unheard of"), ["1", "2", "3"]);
});
