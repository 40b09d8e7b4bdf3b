// "Where am I": asks the device only when the button was pressed. The position stays in this page.
import { coordinates } from "../lib/position.js";
import { t } from "../lib/words.js";
import { pin } from "./pins.js";

const inside = ([west, south, east, north], { longitude, latitude }) =>
  longitude >= west && longitude <= east && latitude >= south && latitude <= north;

/** The device's coordinates, or why they could not be had, in words. */
export function position(device = navigator.geolocation) {
  return coordinates(device).catch(() => {
    throw new Error(device ? t("Your position could not be found. Tap the map instead.") : t("This device does not tell its position. Tap the map instead."));
  });
}

export async function findHere(map, old) {
  map.say(t("Looking for your position…"));
  try {
    const coords = await position();
    if (old) old.remove();
    if (!inside(map.bounds, coords)) {
      map.say(t("Your position is outside this map."), "error");
      return null;
    }
    const here = pin(coords.latitude, coords.longitude, "", { kind: "here", title: t("Where am I?") }).addTo(map.leaflet);
    map.leaflet.setView([coords.latitude, coords.longitude], Math.max(map.leaflet.getZoom(), 17));
    map.say(t("You are here, within about %(metres)s m.", { metres: Math.round(coords.accuracy) }));
    return here;
  } catch (error) {
    map.say(error.message, "error");
    return old;
  }
}
