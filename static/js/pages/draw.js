// The drawing board of a village plan (templates/planning/draw.html).
import { openBoard } from "../draw/board.js";
import { fill } from "../lib/dom.js";

const root = document.querySelector("[data-board]");
if (root) openBoard(root).catch((error) => fill(root.querySelector("[data-map-status]"), [error.message]));
