import assert from "node:assert/strict";
import test from "node:test";
import { begun, bodyOf, fingerprintOf, isOf, metadataOf, passes, sha256Of } from "../../static/js/lib/sending.js";
import { figures, problemOf, problemsIn } from "../../static/js/pages/upload_new.js";

const file = { name: "柳沟.gpkg", size: 2048, lastModified: 1700000000000 };
const said = { village: "370983101204", profile: "ghydyh", crs: "", encoding: "", note: "第一稿" };
const failure = (status, body) => ({ originalResponse: status ? { getStatus: () => status, getBody: () => JSON.stringify(body) } : null });
const known = { error: { code: "known", message: "x", data: { upload: "abc" } } };

test("the same file goes on only with the same choices", () => {
  const key = `tus::${fingerprintOf(file, said)}::17`;
  assert.ok(isOf({ urlStorageKey: key }, file, said));
  for (const other of [{ ...file, size: 2049 }, { ...file, lastModified: 1 }, { ...file, name: "b.gpkg" }]) assert.ok(!isOf({ urlStorageKey: key }, other, said));
  for (const field of Object.keys(said)) assert.ok(!isOf({ urlStorageKey: key }, file, { ...said, [field]: "other" }), field);
});
test("what was left empty is not told", () => assert.deepEqual(metadataOf(file, said), { filename: "柳沟.gpkg", village: "370983101204", profile: "ghydyh", note: "第一稿" }));
test("a broken line, a fault of the server and a crossing piece are tried again", () => {
  for (const status of [0, 409, 423, 429, 500, 502, 504]) assert.ok(passes(failure(status, { error: { code: "offset" } })), String(status));
});
test("a refusal, a full disk and a known file are not tried again", () => {
  for (const status of [400, 403, 404, 413, 460, 507]) assert.ok(!passes(failure(status, null)), String(status));
  assert.ok(!passes(failure(409, known)));
});
test("an answer that is no JSON has no body", () => assert.equal(bodyOf({ originalResponse: { getBody: () => "<html>" } }), null));
test("the digest is that of the whole file", async () => {
  assert.equal(await sha256Of(new Blob(["abc"])), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
test("without cryptography, for a huge file, or without memory there is no digest and no fault", async () => {
  assert.equal(await sha256Of(new Blob(["abc"]), null), "");
  assert.equal(await sha256Of({ size: 400 * 1024 * 1024 }), "");
  assert.equal(await sha256Of({ size: 5, arrayBuffer: async () => { throw new RangeError("no memory"); } }), "");
});
test("what was begun is offered newest first, and other pages' entries are left alone", async () => {
  const row = (creationTime, village = "1") => ({ uploadUrl: "/u", creationTime, metadata: { village } });
  const storage = { findAllUploads: async () => [row("2026-01-01"), row("2026-02-01"), { uploadUrl: "/x" }, { ...row("2026-03-01"), uploadUrl: null }] };
  assert.deepEqual((await begun(storage)).map((found) => found.creationTime), ["2026-02-01", "2026-01-01"]);
});

const words = { wordNone: "none", wordType: "type", wordLarge: "large", wordEmpty: "empty", wordBroken: "broken" };
test("a file is looked at before it is sent", () => {
  const look = (found) => problemOf(found, 100, words, [".gpkg", ".zip"]);
  assert.deepEqual([look(undefined), look({ name: "a.dwg", size: 1 }), look({ name: "a.ZIP", size: 101 }), look({ name: "a.zip", size: 0 }), look({ name: "a.zip", size: 100 })], ["none", "type", "large", "empty", ""]);
});
test("what the server says of a field stands beside it, also under the protocol's name", () => {
  const body = { error: { data: { fields: { filename: ["choose"], crs: ["wrong"], __all__: ["both"] } } } };
  assert.deepEqual(problemsIn(body, words).map((one) => one.field), ["file", "crs", ""]);
  assert.deepEqual(problemsIn({ error: { message: "said" } }, words), [{ field: "", text: "said" }]);
  assert.deepEqual(problemsIn(null, words), [{ field: "", text: "broken" }]);
});
test("progress is told in megabytes", () => assert.equal(figures(5 * 1024 * 1024, 20 * 1024 * 1024), "5.0 of 20.0 MB, 25 %"));
