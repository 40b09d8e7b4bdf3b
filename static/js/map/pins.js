// Pins with a number or nothing in them: HTML, no pictures, large enough for a finger.
import { el } from "../lib/dom.js";
import { L } from "./leaflet.js";

export function pin(lat, lon, text, { kind = "", title, onClick } = {}) {
  const icon = L.divIcon({ className: `pin ${kind ? `pin--${kind}` : ""}`, html: el("span", {}, text), iconSize: [44, 44], iconAnchor: [22, 22] });
  const marker = L.marker([lat, lon], { icon, title, keyboard: Boolean(onClick), interactive: Boolean(onClick), riseOnHover: true });
  if (onClick) {
    marker.on("click", onClick);
    marker.on("keydown", ({ originalEvent }) => originalEvent.key === "Enter" && onClick()); // Leaflet gives the focus, not the click
  }
  if (title) marker.on("add", () => {
    marker.getElement().setAttribute("aria-label", title); // a bare number says too little
    if (!onClick) marker.getElement().setAttribute("role", "img"); // without a role a name is not read
  });
  return marker;
}
