// The one Leaflet of a page: the global that django-leaflet's tag loaded. protomaps-leaflet uses the same global by itself.
export const L = window.L;
