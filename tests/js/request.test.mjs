import assert from "node:assert/strict";
import test from "node:test";
import { errorOf, getBytes, getJson, RequestError } from "../../static/js/lib/request.js";

const answer = (status, body, json = true) => {
  globalThis.fetch = async () => ({ ok: status < 400, status, json: async () => { if (!json) throw new SyntaxError("no"); return body; }, arrayBuffer: async () => body });
};

test("an error of the portal keeps its own words", async () => {
  answer(409, { error: { code: "notice_closed", message: "The notice is over.", data: { day: 1 } } });
  await assert.rejects(getJson("/x"), (error) => error instanceof RequestError && error.message === "The notice is over." && error.code === "notice_closed" && error.status === 409 && error.data.day === 1);
});
test("an error without words gets some", () => assert.match(errorOf(500, null).message, /500/));
test("an answer that is no JSON is said to be unreadable", async () => {
  answer(200, null, false);
  await assert.rejects(getJson("/x"), /could not be read/);
});
test("no network is said in words", async () => {
  globalThis.fetch = async () => { throw new TypeError("failed"); };
  await assert.rejects(getJson("/x"), (error) => error.code === "network");
});
test("a request that takes too long ends in words", async () => {
  globalThis.fetch = (url, { signal }) => new Promise((resolve, reject) => signal.addEventListener("abort", () => reject(Object.assign(new Error("aborted"), { name: "AbortError" }))));
  await assert.rejects(getJson("/x", { timeout: 5 }), (error) => error.code === "timeout");
});
test("an empty tile is nothing, not an error", async () => {
  answer(204, null);
  assert.equal(await getBytes("/t"), null);
});
