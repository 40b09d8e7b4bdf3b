// Two plans in one map: each in a pane of its own, cut off at a border that a slider or a finger moves.
import { on } from "../lib/dom.js";

/** The halves as clip paths in the coordinates of the panes: `corner` is the upper left corner of the map in them. */
export function halves({ x: width, y: height }, corner, share) {
  const [west, north, east, south] = [corner.x, corner.y, corner.x + width, corner.y + height];
  const border = west + width * Math.min(Math.max(share, 0), 1);
  const box = (left, right) => `polygon(${left}px ${north}px, ${right}px ${north}px, ${right}px ${south}px, ${left}px ${south}px)`;
  return [box(west, border), box(border, east)];
}

/** How far across the map a pointer is, 0 to 100. */
export const percentAt = (clientX, { left, width }) => Math.round(Math.min(Math.max((clientX - left) / width, 0), 1) * 100);

/** swipe(leaflet, {left, right}, slider, border) -> stop(): keeps both panes cut at the slider's place while the map moves. */
export function swipe(leaflet, { left, right }, slider, border) {
  function cut() {
    const share = Number(slider.value) / 100;
    const [before, after] = halves(leaflet.getSize(), leaflet.containerPointToLayerPoint([0, 0]), share);
    left.style.clipPath = before;
    right.style.clipPath = after;
    border.style.left = `${slider.value}%`;
  }

  const handle = border.firstElementChild;
  on(slider, "input", cut);
  on(handle, "pointerdown", (event) => {
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
  });
  on(handle, "pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    slider.value = percentAt(event.clientX, leaflet.getContainer().getBoundingClientRect());
    cut();
  });
  leaflet.on("move zoomend resize viewreset", cut);
  cut();
  return function stop() {
    leaflet.off("move zoomend resize viewreset", cut);
    for (const pane of [left, right]) pane.style.clipPath = "";
  };
}
