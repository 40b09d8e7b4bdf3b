// Where a pointer, a finger or the cross in the middle of the map points to: the place itself, or the corner or edge it snaps to.
import { on } from "../lib/dom.js";
import { isCoarse } from "../map/touch.js";
import { snapTo } from "./snap.js";

const REACH = { fine: 12, coarse: 24 }; // pixels

/** `grids`: shapes to snap to; `isOn()`: the switch. Alt held down turns snapping off as well. */
export function aiming(leaflet, grids, isOn) {
  let alt = false;
  const watch = (event) => (alt = event.altKey);
  for (const name of ["keydown", "keyup", "pointermove", "pointerdown"]) on(document, name, watch, true);
  const reach = isCoarse() ? REACH.coarse : REACH.fine;
  const toPixel = ([lon, lat]) => {
    const { x, y } = leaflet.latLngToContainerPoint([lat, lon]);
    return [x, y];
  };
  const toPlace = ([x, y]) => {
    const { lat, lng } = leaflet.containerPointToLatLng([x, y]);
    return [lng, lat];
  };

  function linesNear([x, y]) {
    const [west, north] = toPlace([x - reach, y - reach]);
    const [east, south] = toPlace([x + reach, y + reach]);
    return grids.flatMap((grid) => grid.near([west, south, east, north])).flat();
  }

  /** {point: [lon, lat], snap: {point, kind} | null}. `more`: lines to snap to besides; `without`: a corner that is no target. */
  function at({ lat, lng }, { more = [], without = null, exact = false } = {}) {
    if (exact || alt || !isOn()) return { point: [lng, lat], snap: null };
    const pixel = toPixel([lng, lat]);
    const snap = snapTo(pixel, [...more, ...linesNear(pixel)], { reach, toPixel, toPlace, without });
    return { point: snap ? snap.point : [lng, lat], snap };
  }

  return { at, toPixel, toPlace, reach, centre: () => leaflet.getCenter() };
}
