import assert from "node:assert/strict";
import test from "node:test";
import { loginAddress, placeOf } from "../../static/js/map/comment_place.js";

test("signing in leads back to the page with the place", () => {
  const address = loginAddress("/login/?next=/versions/abc/%23comment-form", "/versions/abc/", { lon: 116.87, lat: 36.21, zone: 7 });
  const next = new URL(address, "http://portal").searchParams.get("next");
  assert.equal(next, "/versions/abc/?lon=116.8700000&lat=36.2100000&zone=7#comment-form");
});
test("a place needs both coordinates", () => assert.equal(placeOf("116.87", "", "7"), null));
test("a place without a zone is a place", () => assert.deepEqual(placeOf("116.87", "36.21", ""), { lon: 116.87, lat: 36.21, zone: null }));
