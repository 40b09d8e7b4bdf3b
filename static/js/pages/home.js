// The first page: "use my position", and a map of all villages of which one may be tapped.
import { mountPosition } from "../lib/position.js";
import { startVillages } from "../map/villages.js";

mountPosition(document.querySelector("[data-position]"));
startVillages();
