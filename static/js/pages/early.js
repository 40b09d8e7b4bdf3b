// Loaded before anything is drawn, so that the page does not jump: says that scripts run, and sets the larger type.
import { wanted } from "../lib/elder.js";

document.documentElement.classList.add("js");
let large = false;
try {
  large = wanted();
} catch (error) {
  // localStorage itself may throw when it is forbidden
}
if (large) document.documentElement.classList.add("elder");
