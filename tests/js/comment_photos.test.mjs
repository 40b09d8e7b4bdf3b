import assert from "node:assert/strict";
import test from "node:test";
import { passes, photoQueue } from "../../static/js/comment/photo_queue.js";
import { fitInto, shrink } from "../../static/js/comment/shrink.js";

const failure = (status, message = "no") => Object.assign(new Error(message), { status });

/** A queue whose server answers what `answers` says, one after the other; what it was told stands in `calls`. */
function queue(answers, options = {}) {
  const calls = [];
  const made = photoQueue({
    most: 4,
    prepare: async (file) => `small ${file}`,
    async send(blob, words, onShare) {
      calls.push(["send", blob, words]);
      onShare(0.5);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return typeof answer === "function" ? answer() : answer;
    },
    drop: async (id) => calls.push(["drop", id]),
    describe: async (id, words) => calls.push(["describe", id, words]),
    tell: () => {},
    ...options,
  });
  return { ...made, calls };
}
const kept = (id, words = "") => ({ id, small: `/${id}`, words });

test("photos are made smaller and go one after the other, in the order they were chosen", async () => {
  const one = queue([kept("a"), kept("b")]);
  one.add("1");
  one.add("2");
  assert.ok(one.busy());
  await one.settled();
  assert.deepEqual(one.calls.map(([, blob]) => blob), ["small 1", "small 2"]);
  assert.deepEqual(one.ids(), ["a", "b"]);
  assert.ok(!one.busy());
});
test("more than a comment takes are not taken", () => {
  const one = queue([], { most: 1, send: () => new Promise(() => {}) });
  assert.ok(one.add("1"));
  assert.ok(!one.add("2"));
});
test("a photo whose line broke waits, and is sent again when the line is back, without being made smaller twice", async () => {
  let prepared = 0;
  const one = queue([failure(0), kept("a")], { prepare: async (file) => ((prepared += 1), file) });
  one.add("1");
  await one.settled();
  assert.ok(one.lost());
  assert.deepEqual(one.ids(), []);
  one.retryAll();
  await one.settled();
  assert.deepEqual(one.ids(), ["a"]);
  assert.equal(prepared, 1);
});
test("a refused photo says why, is not tried again, and does not stop the next one", async () => {
  const one = queue([failure(400, "This is no photo"), kept("b")]);
  one.add("1");
  one.add("2");
  await one.settled();
  assert.deepEqual(one.all().map(({ state, message }) => [state, message]), [["refused", "This is no photo"], ["sent", undefined]]);
  one.retryAll();
  await one.settled();
  assert.equal(one.calls.length, 2);
});
test("a removed photo is taken out at the server too, also when it was still on its way", async () => {
  let arrive;
  const one = queue([kept("a"), () => new Promise((resolve) => (arrive = () => resolve(kept("b"))))]);
  one.add("1");
  await one.settled();
  one.add("2");
  await new Promise((resolve) => setTimeout(resolve, 0));
  for (const photo of one.all()) one.remove(photo);
  arrive();
  await one.settled();
  assert.deepEqual(one.calls.filter(([what]) => what === "drop"), [["drop", "a"], ["drop", "b"]]);
  assert.deepEqual(one.ids(), []);
});
test("the same photo chosen twice is one photo, and stays", async () => {
  const one = queue([kept("a"), kept("a")]);
  one.add("1");
  one.add("1");
  await one.settled();
  assert.deepEqual(one.ids(), ["a"]);
  assert.deepEqual(one.calls.filter(([what]) => what === "drop"), []);
});
test("what a photo shows goes along, or after it when it was written later", async () => {
  const one = queue([kept("a", ""), kept("b", "gate")]);
  one.add("1");
  one.say(one.all()[0], "road");
  one.add("2");
  one.say(one.all()[1], "gate");
  await one.settled();
  one.say(one.all()[1], "the gate");
  await one.settled();
  assert.deepEqual(one.calls.filter(([what]) => what === "describe"), [["describe", "a", "road"], ["describe", "b", "the gate"]]);
});
test("photos the server has already are taken over, and after sending they are not ours any more", async () => {
  const one = queue([]);
  one.take(kept("a", "road"));
  assert.deepEqual(one.ids(), ["a"]);
  one.clear();
  assert.deepEqual(one.ids(), []);
  assert.deepEqual(one.calls, []);
});
test("only what may pass is tried again", () => {
  for (const status of [0, 429, 502, 503, 504]) assert.ok(passes({ status }), String(status));
  for (const status of [400, 403, 404, 409, 413, 500, 507]) assert.ok(!passes({ status }), String(status));
});

test("a photo fits into 2000 pixels and is never made larger", () => {
  assert.deepEqual(fitInto(4000, 3000), { width: 2000, height: 1500 });
  assert.deepEqual(fitInto(3000, 4000), { width: 1500, height: 2000 });
  assert.deepEqual(fitInto(640, 480), { width: 640, height: 480 });
  assert.deepEqual(fitInto(60000, 1), { width: 2000, height: 1 });
});

globalThis.window = globalThis;
const decode = async () => ({ width: 4000, height: 3000, close() {} });
test("a large photo is sent smaller", async () => {
  const drawn = { size: 300 };
  assert.equal(await shrink({ size: 5000000, type: "image/jpeg" }, { decode, draw: async () => drawn }), drawn);
});
test("what cannot be made smaller is sent as it is: no decoder, no picture, no gain, small already", async () => {
  const file = { size: 5000000, type: "image/jpeg" };
  assert.equal(await shrink(file, { decode: null }), file);
  assert.equal(await shrink(file, { decode: async () => { throw new TypeError("no picture"); } }), file);
  assert.equal(await shrink(file, { decode, draw: async () => ({ size: 6000000 }) }), file);
  assert.equal(await shrink(file, { decode, draw: async () => null }), file);
  const small = { size: 1000, type: "image/jpeg" };
  assert.equal(await shrink(small, { decode: async () => ({ width: 640, height: 480 }), draw: assert.fail }), small);
});
