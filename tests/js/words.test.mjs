import assert from "node:assert/strict";
import test from "node:test";
import { fillIn, t } from "../../static/js/lib/words.js";

test("without a translation the English text is said", () => assert.equal(t("Zone %(number)s", { number: 3 }), "Zone 3"));
test("a value that is not given stays visible as a place", () => assert.equal(fillIn("%(a)s and %(b)s", { a: 1 }), "1 and %(b)s"));
test("a value is text, whatever is in it", () => assert.equal(fillIn("%(a)s", { a: "%(b)s $& <b>" }), "%(b)s $& <b>"));
