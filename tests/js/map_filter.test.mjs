import assert from "node:assert/strict";
import test from "node:test";
import { question, wanted } from "../../static/js/map/filter.js";

test("a form that asks for nothing is no filter", () => assert.equal(wanted({ code: " ", from: "", to: "", state: "" }), null));
test("a class may be chosen from the list or typed", () => {
  assert.deepEqual(wanted({ code: "0703 农村宅基地" }), { code: "0703" });
  assert.deepEqual(wanted({ code: "07" }), { code: "07" });
});
test("sizes are in mu; none and nonsense are left out", () => {
  assert.deepEqual(wanted({ from: "1.5", to: "20" }), { from: 1.5, to: 20 });
  assert.equal(wanted({ from: "0", to: "x", state: "odd" }), null);
});
test("the server is asked in square metres", () => assert.equal(question({ code: "07", from: 1.5, to: 3, state: "conflict" }), "code=07&least_m2=1000&most_m2=2000&state=conflict"));
