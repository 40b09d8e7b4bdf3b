import assert from "node:assert/strict";
import test from "node:test";
import { fits } from "../../static/js/lib/filter.js";

const ROW = "75 370983101204000075 水浇地 0102 旱地";

test("an empty filter fits everything", () => assert.ok(fits(ROW, "  ")));
test("a number fits from its beginning", () => assert.ok(fits(ROW, "75") && !fits(ROW, "5")));
test("a part of a Chinese name fits", () => assert.ok(fits(ROW, "浇")));
test("all words must fit", () => assert.ok(fits(ROW, "75 水浇地") && !fits(ROW, "75 林地")));
