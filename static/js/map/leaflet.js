// The one Leaflet of a page: the global that django-leaflet's tag loaded. protomaps-leaflet uses the same global by itself.
export const L = window.L;

// People who asked their device for less motion get maps that jump instead of gliding.
if (L && window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
  L.Map.mergeOptions({ zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false });
  const { panBy } = L.Map.prototype; // no option says that a map moves without gliding; all its moves go through here
  L.Map.include({ panBy(offset, options) { return panBy.call(this, offset, { ...options, animate: false }); } });
}
