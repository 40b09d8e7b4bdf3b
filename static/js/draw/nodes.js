// Which zones share a corner or an edge. Zones of a drawing have the same nodes along a common border, so a node is known by its coordinates.
import { keyOf, polygonsOf, ringsOf } from "./geometry.js";

const edgeKey = (a, b) => [keyOf(a), keyOf(b)].sort().join(" ");

/** The corners of a ring without its closing point. */
const open = (ring) => ring.slice(0, -1);

export function nodeIndex() {
  const shapes = new Map(); // number -> geometry
  const nodes = new Map(); // key -> {point, zones}
  const edges = new Map(); // key -> zones

  function each(geometry, onNode, onEdge) {
    for (const ring of ringsOf(geometry)) {
      open(ring).forEach((point, i) => {
        onNode(keyOf(point), point);
        onEdge(edgeKey(point, ring[i + 1]));
      });
    }
  }

  function put(number, geometry) {
    const before = shapes.get(number);
    if (before) {
      each(
        before,
        (key) => nodes.has(key) && nodes.get(key).zones.delete(number) && !nodes.get(key).zones.size && nodes.delete(key),
        (key) => edges.has(key) && edges.get(key).delete(number) && !edges.get(key).size && edges.delete(key)
      );
    }
    if (!geometry) {
      shapes.delete(number);
      return;
    }
    shapes.set(number, geometry);
    each(
      geometry,
      (key, point) => (nodes.get(key) || nodes.set(key, { point, zones: new Set() }).get(key)).zones.add(number),
      (key) => (edges.get(key) || edges.set(key, new Set()).get(key)).add(number)
    );
  }

  /** Numbers of the zones that have a corner here. */
  const at = (point) => [...(nodes.get(keyOf(point)) || { zones: [] }).zones].sort((a, b) => a - b);

  /** Numbers of the zones that have this edge. */
  const along = (a, b) => [...(edges.get(edgeKey(a, b)) || [])].sort((x, y) => x - y);

  /** Corners of a zone, each once. */
  function ofZone(number) {
    const found = new Map();
    for (const ring of ringsOf(shapes.get(number))) for (const point of open(ring)) found.set(keyOf(point), point);
    return [...found.values()];
  }

  /** Edges of a zone, [a, b] each. */
  const edgesOf = (number) => ringsOf(shapes.get(number)).flatMap((ring) => open(ring).map((point, i) => [point, ring[i + 1]]));

  /** What zones become when a point of them is replaced: change(point, next) gives a list of points for one. */
  function changed(numbers, change) {
    const result = new Map();
    for (const number of numbers) {
      const coordinates = polygonsOf(shapes.get(number)).map((rings) =>
        rings.map((ring) => {
          const points = open(ring).flatMap((point, i) => change(point, ring[i + 1]));
          return points.length ? [...points, points[0]] : points;
        })
      );
      result.set(number, { type: "MultiPolygon", coordinates });
    }
    return result;
  }

  /** Number -> geometry of all zones that share the corner, with it moved. */
  const moved = (from, to) => changed(at(from), (point) => [keyOf(point) === keyOf(from) ? to : point]);

  /** The same with a new corner put into a common edge. */
  function inserted(a, b, to) {
    const wanted = edgeKey(a, b);
    return changed(along(a, b), (point, next) => (edgeKey(point, next) === wanted ? [point, to] : [point]));
  }

  return { put, at, along, ofZone, edgesOf, moved, inserted, shape: (number) => shapes.get(number) };
}
