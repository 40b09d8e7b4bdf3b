// A line or an outline while it is drawn: corners that are put, taken back, and the one under the pointer. Knows no map.
import { crossesItself, rounded, same } from "./geometry.js";

const LEAST = { point: 1, line: 2, area: 3 };

export function sketch(kind) {
  let corners = [];

  /** A corner; the same place twice is one. False if it would make the line cross itself. */
  function add(point) {
    const corner = rounded(point);
    if (corners.some((other) => same(other, corner))) return true;
    if (kind === "point") corners = [];
    if (crossesItself([...corners, corner], false)) return false;
    corners = [...corners, corner];
    return true;
  }

  const back = () => (corners = corners.slice(0, -1));

  /** Whether the shape with the place under the pointer is one the server could take. */
  function isSound(pointer = null) {
    const points = pointer ? [...corners, pointer] : corners;
    return points.length < 3 || !crossesItself(points, kind === "area" && points.length > 3);
  }

  const isWhole = () => corners.length >= LEAST[kind] && !(kind === "area" && crossesItself(corners, true));

  function geometry(points = corners) {
    if (points.length < LEAST[kind]) return null;
    if (kind === "point") return { type: "Point", coordinates: points[0] };
    if (kind === "line") return { type: "LineString", coordinates: points };
    return { type: "Polygon", coordinates: [[...points, points[0]]] };
  }

  /** A corner on the first one ends an outline. */
  const closes = (point) => kind === "area" && corners.length >= LEAST.area && same(rounded(point), corners[0]);

  return { kind, add, back, isSound, isWhole, geometry, closes, corners: () => corners, least: LEAST[kind] };
}
