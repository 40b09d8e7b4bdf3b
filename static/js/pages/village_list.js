// The list of villages with its map.
import { startVillages } from "../map/villages.js";

startVillages();
