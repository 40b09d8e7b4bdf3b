// Comments about the same zone, project or place: a gentle offer to support one of them instead of writing the same again.
import { insidePolygon } from "../draw/geometry.js";
import { apart } from "./near.js";

const NEAR = 60; // metres: the same house or field
const MOST = 3;

/** Comments about the same as a draft {about, zone, project, lon, lat, shape}; `comments` are the pins of the page. */
export function alike(draft, comments) {
  const [zone, project] = [Number(draft.zone), Number(draft.project)];
  const at = { lon: Number.parseFloat(draft.lon), lat: Number.parseFloat(draft.lat) };
  const ring = draft.about === "area" && draft.shape ? JSON.parse(draft.shape).coordinates : null;
  const same = {
    zone: (other) => zone > 0 && other.zone === zone,
    project: (other) => project > 0 && other.project === project,
    place: (other) => (zone > 0 && other.zone === zone) || apart(at, other) <= NEAR,
    area: (other) => Boolean(ring) && insidePolygon([other.lon, other.lat], ring),
  }[draft.about];
  return same ? comments.filter(same) : [];
}

export const first = (found) => found.slice(0, MOST);
