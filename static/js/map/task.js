// The bar below the map for what goes on in it: measuring, the border of a swipe. One thing at a time.
import { fill } from "../lib/dom.js";

/** taskBar(frame, map) -> show(stop, ...children): puts a thing into the bar; what was there is stopped first. clear(): stops it. */
function taskBar(frame, map) {
  const bar = frame.querySelector("[data-map-task]");
  let stop = null;

  function clear() {
    const ending = stop;
    stop = null;
    bar.hidden = true;
    fill(bar, []);
    if (ending) ending();
  }

  function show(ending, ...children) {
    clear();
    stop = ending;
    fill(bar, children);
    bar.hidden = false;
    map.leaflet.invalidateSize();
  }

  return { show, clear };
}

/** The one bar of a map, whichever script asks for it first. */
export function taskOf(frame, map) {
  map.task = map.task || taskBar(frame, map);
  return map.task;
}
