// The layers and tools of a map, loaded on demand (static/js/map/toolbox.js).
import { start } from "../map/tools.js";

window.mapTools = { start };
