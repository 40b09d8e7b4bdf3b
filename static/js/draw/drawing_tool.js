// Drawing a point, a line or an outline: by clicks, by taps, or by Enter at the cross in the middle of the map.
// The same place again ends it (a double click, a second tap, Enter twice), and so does the Finish button.
import { fill, on } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { areaOf, lengthOf } from "../map/geodesic.js";
import { sizes } from "./says.js";
import { sketch } from "./sketch.js";

const SAME = 5; // pixels: a hand that trembles in a double click
const AFTER_DOUBLE = 600; // ms: the double click that ended a shape must not zoom the map as well

/** `board`: leaflet, map, aim, look (what the overlay shows), redraw(). `bar`: the box with figures and buttons over the map. */
export function drawingTool(board, bar) {
  const { leaflet, aim, look } = board;
  const figures = bar.querySelector("[data-figures]");
  const finishButton = bar.querySelector("[data-finish]");
  const backButton = bar.querySelector("[data-back]");
  let job = null; // {onDone, onChange, onCancel}
  let zoomAgain = null;

  function start(kind, handlers) {
    stop();
    job = handlers;
    look.sketch = sketch(kind);
    bar.hidden = false;
    clearTimeout(zoomAgain);
    leaflet.doubleClickZoom.disable();
    leaflet.getContainer().classList.add("is-drawing");
    show();
  }

  function stop() {
    if (!job) return;
    job = null;
    Object.assign(look, { sketch: null, pointer: null, snap: null });
    bar.hidden = true;
    zoomAgain = setTimeout(() => leaflet.doubleClickZoom.enable(), AFTER_DOUBLE);
    leaflet.getContainer().classList.remove("is-drawing");
    board.redraw();
  }

  function cancel() {
    const { onCancel } = job;
    stop();
    onCancel();
  }

  function show() {
    const { sketch: drawn } = look;
    const corners = drawn.corners();
    const points = look.pointer && drawn.kind !== "point" ? [...corners, look.pointer] : corners;
    const sound = drawn.isSound(look.pointer);
    fill(figures, [!sound ? t("The line crosses itself") : said(drawn.kind, points)]);
    bar.dataset.level = sound ? "" : "error";
    finishButton.disabled = !drawn.isWhole();
    backButton.disabled = !corners.length;
    board.redraw();
  }

  function said(kind, points) {
    if (kind === "area" && points.length > 2) return sizes(areaOf([points]));
    if (kind !== "point" && points.length > 1) return t("%(metres)s m", { metres: lengthOf(points).toFixed(1) });
    return t("Put the first corner: click, tap, or press Enter at the cross.");
  }

  function aimed(latlng, event) {
    const first = look.sketch.corners()[0];
    const more = first && look.sketch.kind === "area" ? [[first]] : [];
    return aim.at(latlng, { more, exact: Boolean(event && event.altKey) });
  }

  const isLast = (point) => {
    const corners = look.sketch.corners();
    if (!corners.length) return false;
    const [a, b] = [aim.toPixel(corners[corners.length - 1]), aim.toPixel(point)];
    return Math.hypot(a[0] - b[0], a[1] - b[1]) <= SAME;
  };

  function put({ lat, lon, byKey }) {
    if (!job) return;
    const { point } = aimed({ lat, lng: lon });
    if (isLast(point) || look.sketch.closes(point)) {
      finish();
      return;
    }
    if (!look.sketch.add(point)) {
      board.say(t("The line would cross itself there. Put the corner elsewhere, or take the last one back."), "error");
      return;
    }
    if (!byKey) look.pointer = null;
    const count = look.sketch.corners().length;
    job.onChange(look.sketch);
    show();
    board.say(look.sketch.kind === "point" ? t("The place is set. Choose “Finish”, or put it elsewhere.") : t("Corner %(count)s is set.", { count }));
  }

  function back() {
    look.sketch.back();
    look.pointer = null;
    job.onChange(look.sketch);
    show();
    board.say(t("The last corner was taken back. %(count)s are left.", { count: look.sketch.corners().length }));
  }

  function finish() {
    if (look.sketch.isWhole()) {
      const { onDone } = job;
      const geometry = look.sketch.geometry();
      stop();
      onDone(geometry);
      return;
    }
    const few = look.sketch.corners().length < look.sketch.least;
    board.say(few ? t("Not enough corners yet: %(least)s are needed.", { least: look.sketch.least }) : t("The line crosses itself. Take corners back before you finish."), "error");
  }

  function follow(latlng, event) {
    if (!job) return;
    const { point, snap } = aimed(latlng, event);
    Object.assign(look, { pointer: point, snap });
    show();
  }

  leaflet.on("mousemove", ({ latlng, originalEvent }) => follow(latlng, originalEvent));
  leaflet.on("move", () => board.byKeys() && follow(aim.centre()));
  on(finishButton, "click", finish);
  on(backButton, "click", back);
  on(bar.querySelector("[data-cancel]"), "click", cancel);

  /** Whether a key meant the drawing. */
  function key(event) {
    if (!job) return false;
    if (event.key === "Escape") cancel();
    else if (event.key === "Backspace" && look.sketch.corners().length) back();
    else return false;
    return true;
  }

  return { start, stop, put, key, isOn: () => Boolean(job) };
}
