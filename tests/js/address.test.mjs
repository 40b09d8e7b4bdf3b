import assert from "node:assert/strict";
import test from "node:test";
import { format, parse } from "../../static/js/map/address.js";

const VIEW = { zoom: 16.25, lat: 36.10512, lon: 116.80501 };
const FULL = { view: VIEW, mode: "now", zone: 9, off: ["YJJBNT", "projects"], on: ["GHFQ"], with: "abcdefghij23", how: "swipe", code: "07", from: 1.5, to: 20, state: "conflict" };

test("an address is short and can be read", () => assert.equal(format({ view: VIEW, mode: "now", off: ["projects"], zone: 9 }), "#map=16.25/36.10512/116.80501&mode=now&zone=9&off=projects"));
test("what is written is read again", () => assert.deepEqual(parse(format(FULL)), FULL));
test("lists that are empty are not written", () => assert.equal(format({ view: VIEW, off: [], on: [], zone: null }), "#map=16.25/36.10512/116.80501"));
test("other addresses are left alone", () => {
  assert.equal(parse("#comments"), null);
  assert.equal(parse(""), null);
});
test("what cannot be read is left out", () => {
  assert.deepEqual(parse("#map=x/y/z&mode=evil&zone=-3&off=<b>,ok&code=12345678&with=no&from=abc"), { off: ["ok"] });
  assert.deepEqual(parse("#map=16/95/200"), {});
});
