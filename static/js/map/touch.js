// Fingers and wheels: the page scrolls with one finger, the map moves with two; the wheel zooms only a map that has the focus.
import { on } from "../lib/dom.js";

export const isCoarse = () => window.matchMedia("(pointer: coarse)").matches;

export function gentleGestures(leaflet, hint, isFull) {
  const box = leaflet.getContainer();
  let timer = null;
  const coarse = isCoarse();

  function settle() {
    if (!coarse || isFull()) leaflet.dragging.enable();
    else leaflet.dragging.disable();
  }

  function show() {
    hint.classList.add("map-hint--shown");
    clearTimeout(timer);
    timer = setTimeout(() => hint.classList.remove("map-hint--shown"), 900);
  }

  on(box, "touchmove", (event) => event.touches.length === 1 && !isFull() && show(), { passive: true });
  leaflet.scrollWheelZoom.disable();
  on(box, "focus", () => leaflet.scrollWheelZoom.enable());
  on(box, "blur", () => leaflet.scrollWheelZoom.disable());
  settle();
  return settle;
}
