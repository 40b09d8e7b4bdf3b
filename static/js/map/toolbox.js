// "Layers and tools": a script of its own, loaded when somebody presses the button or an address asks for what it remembers.
import { on } from "../lib/dom.js";
import { loadScript } from "../lib/load.js";
import { t } from "../lib/words.js";
import { followAddress } from "./address.js";

const NEEDED_BY = ["off", "on", "with", "code", "from", "to", "state"];

const load = (address) => loadScript(address, t("Layers and tools could not be loaded. Check the connection and try again.")).then(() => window.mapTools);

/** withTools(map, frame, options, {layers: {comments: L.LayerGroup}}): the address, and the button with what it opens. */
export function withTools(map, frame, options, { layers = {} } = {}) {
  const button = frame.querySelector("[data-map-tools]");
  const panel = frame.querySelector("[data-map-tool-panel]");
  if (!button) return;
  let opening = null;

  map.onShow(({ off }) => {
    for (const [key, layer] of Object.entries(layers)) {
      if (off.includes(key)) layer.remove();
      else layer.addTo(map.leaflet);
    }
  });

  function ready() {
    opening = opening || load(frame.dataset.mapToolbox).then((tools) => tools.start(map, frame, options, layers));
    opening.catch((error) => {
      opening = null;
      map.say(error.message, "error");
    });
    return opening;
  }

  function shut() {
    panel.hidden = true;
    frame.classList.remove("map-frame--tools");
    button.setAttribute("aria-expanded", "false");
  }

  async function open() {
    await ready();
    map.closePlace();
    panel.hidden = false;
    frame.classList.add("map-frame--tools");
    button.setAttribute("aria-expanded", "true");
    panel.querySelector("h2").focus({ preventScroll: true });
    map.onTools();
  }

  map.closeTools = shut;
  map.toolsOpen = () => !panel.hidden;
  on(button, "click", () => (panel.hidden ? open().catch(() => {}) : shut()));
  on(panel.querySelector("[data-tools-close]"), "click", () => {
    shut();
    button.focus({ preventScroll: true });
  });
  on(panel, "keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    shut();
    button.focus({ preventScroll: true });
  });
  followAddress(map, options.mode || "plan");
  const restore = () => NEEDED_BY.some((name) => name in map.remembered) && ready().catch(() => {});
  map.onRemembered(restore);
  restore();
}
