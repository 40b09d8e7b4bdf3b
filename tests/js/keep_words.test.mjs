import assert from "node:assert/strict";
import test from "node:test";
import { keepWords, wordsStore } from "../../static/js/lib/keep_words.js";

function memory() {
  const storage = {};
  const hidden = { enumerable: false };
  Object.defineProperty(storage, "getItem", { value: (name) => (name in storage ? storage[name] : null), ...hidden });
  Object.defineProperty(storage, "setItem", { value: (name, text) => (storage[name] = text), ...hidden });
  Object.defineProperty(storage, "removeItem", { value: (name) => delete storage[name], ...hidden });
  return storage;
}

function form(...fields) {
  const listeners = [];
  return { elements: fields, addEventListener: (event, handler) => listeners.push(handler), typed: () => listeners[0]() };
}

const text = (name, value = "") => ({ name, type: "text", value });
const radio = (name, value, checked) => ({ name, type: "radio", value, checked });
const isTyped = (name) => name === "text";

test("what was typed comes back with all that belongs to it, and nothing secret is kept", () => {
  const storage = memory();
  const first = form(text("text"), text("once", "k1"), text("csrfmiddlewaretoken", "s"), radio("channel", "meeting", false), radio("channel", "paper", true), { name: "photo", type: "file", value: "x" });
  assert.equal(keepWords(first, "w:1", isTyped, storage), false);
  first.elements[0].value = "路太窄";
  first.typed();
  assert.deepEqual(JSON.parse(storage["w:1"]), { text: "路太窄", once: "k1", channel: "paper" });
  const again = form(text("text"), text("once", "k2"), radio("channel", "meeting", true), radio("channel", "paper", false));
  assert.equal(keepWords(again, "w:1", isTyped, storage), true);
  assert.deepEqual(again.elements.map(({ value }) => value), ["路太窄", "k1", "meeting", "paper"]);
  assert.deepEqual(again.elements.slice(2).map(({ checked }) => checked), [false, true]);
});

test("an emptied form leaves nothing behind", () => {
  const storage = memory();
  const one = form(text("text"), text("once", "k1"));
  keepWords(one, "w:1", isTyped, storage);
  one.elements[0].value = "路";
  one.typed();
  one.elements[0].value = " ";
  one.typed();
  assert.deepEqual(Object.keys(storage), []);
});

test("names are found by their beginning, and without a storage nothing breaks", () => {
  const storage = memory();
  wordsStore(storage).save("m:1:2", {});
  wordsStore(storage).save("x", {});
  assert.deepEqual(wordsStore(storage).names("m:1:"), ["m:1:2"]);
  const none = wordsStore(null);
  none.save("a", {});
  assert.equal(none.read("a"), null);
  assert.deepEqual(none.names("a"), []);
});
