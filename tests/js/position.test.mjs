// The device's position: asked once, and a refusal is a refusal, not a fault of ours.
import assert from "node:assert/strict";
import { test } from "node:test";

import { coordinates } from "../../static/js/lib/position.js";

test("a device's coordinates are handed on as they are", async () => {
  const device = { getCurrentPosition: (told) => told({ coords: { longitude: 116.8, latitude: 36.1, accuracy: 9 } }) };
  assert.deepEqual(await coordinates(device), { longitude: 116.8, latitude: 36.1, accuracy: 9 });
});

test("no device, a refusal and a time that ran out are one thing: no position", async () => {
  const refusing = { getCurrentPosition: (_told, refuse) => refuse({ code: 1 }) };
  await assert.rejects(coordinates(refusing));
  await assert.rejects(coordinates(null));
});
