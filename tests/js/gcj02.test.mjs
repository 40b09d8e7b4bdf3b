import assert from "node:assert/strict";
import test from "node:test";
import { toGcj02 } from "../../static/js/map/gcj02.js";

test("places are shifted as gcoord 1.0.7 shifts them", () => {
  const known = [
    [[116.77, 36.18], [116.77565131101416, 36.18004835732488]],
    [[104.06, 30.67], [104.06249640425462, 30.66757487197054]],
    [[121.47, 31.23], [121.47453490044272, 31.22806748194233]],
  ];
  for (const [[lon, lat], [east, north]] of known) {
    const [x, y] = toGcj02(lon, lat);
    assert.ok(Math.abs(x - east) < 1e-9 && Math.abs(y - north) < 1e-9, `${x} ${y}`);
  }
});
