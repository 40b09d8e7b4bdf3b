import assert from "node:assert/strict";
import test from "node:test";
import { allClear, liveCheck } from "../../static/js/draw/live.js";

/** A box as far as the check needs one: it keeps the text of what is put in. */
function page() {
  const node = (tag) => ({
    tag, attributes: {}, children: [],
    setAttribute(name, value) { this.attributes[name] = value; },
    appendChild(child) { this.children.push(child); },
    set textContent(text) { this.children = []; },
    get said() { return this.children.map((child) => child.said ?? child.text).join(" "); },
  });
  globalThis.document = { createElement: node, createTextNode: (text) => ({ text }), getElementById: () => null };
  return node("div");
}

async function shown(...codes) {
  const box = page();
  const answer = { conflicts: [], not_checked: codes.map((code) => ({ code, name: code, why: "no line" })), outside: null };
  const { ask } = liveCheck(box, "/check/", { wait: (run) => run(), unwait() {}, post: async () => answer });
  ask({ type: "Polygon" }, "0703");
  await new Promise((resolve) => setImmediate(resolve));
  return box;
}

test("all is clear only if farmland, red line and construction boundary were checked", () => {
  assert.equal(allClear([{ code: "K9" }, { code: "K10" }, { code: "K13" }]), true);
  for (const code of ["K1", "K3", "K4"]) assert.equal(allClear([{ code: "K9" }, { code }]), false);
});

test("nothing found and the three lines checked is no conflict", async () => {
  const box = await shown("K9", "K10");
  assert.match(box.said, /No conflict was found\. Not checked: 2/);
  assert.equal(box.children[0].attributes.class, "live live--good");
});

test("while one of them was not checked it speaks of what could be checked", async () => {
  const box = await shown("K3", "K9");
  assert.match(box.said, /No conflict was found in what could be checked\. Not checked: 2/);
  assert.equal(box.children[0].attributes.class, "live");
});
