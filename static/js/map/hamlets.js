// Names of hamlets as words on a map: people know where they are by them. They take no clicks.
import { el } from "../lib/dom.js";
import { L } from "./leaflet.js";

export function showHamlets(map, hamlets) {
  for (const { name, lon, lat } of hamlets || []) {
    const icon = L.divIcon({ className: "hamlet-name", html: el("span", {}, name), iconSize: [0, 0] });
    L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(map.leaflet);
  }
}
