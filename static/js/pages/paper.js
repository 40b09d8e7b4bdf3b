// Marked sheets: photos are sent one by one and the list looks again while photos are read; a sheet shows its marks on the plan, and lets pins be dragged and
// marks be added on the flat page, by mouse, finger or keys (arrows move a cross, Enter sets a point).
import { lookAgain } from "../lib/again.js";
import { byId, on, readJson } from "../lib/dom.js";
import { keepWords, wordsStore } from "../lib/keep_words.js";
import { showJob } from "../lib/progress.js";
import { t } from "../lib/words.js";
import { openMap } from "../map/map.js";
import { drawShapes } from "../map/shapes.js";
import { sendOneByOne } from "../paper/sending.js";

const AGAIN = 3000;
const FEWEST = { spot: 1, line: 2, area: 3 };

lookAgain("[data-papers-wait]", AGAIN);

const photos = document.querySelector("[data-papers-new]");
if (photos) sendOneByOne(photos);

const watched = document.querySelector("[data-paper-job]");
if (watched) {
  const stop = showJob(watched.querySelector("[data-job]"), () => window.location.reload());
  on(window, "beforeunload", stop);
}

async function showMap() {
  const frame = document.querySelector("[data-map]");
  if (!frame) return;
  const map = await openMap(frame, readJson(frame.dataset.map));
  if (!map) return;
  const shapes = drawShapes(map, readJson("paper-shapes"), {
    id: (feature) => feature.properties.number,
    colour: (feature) => feature.properties.colour,
    onClick: (number) => goTo(number),
  });
  const box = shapes.bounds();
  if (box) map.fit(box);
}

/** What is typed at one mark stays while another one is entered, moved or put aside; what became a comment is kept no longer. */
function keepMarks() {
  const marks = byId("marks");
  if (!marks) return;
  const beginning = `words:paper:${marks.dataset.scan}:${marks.dataset.person}:`;
  const wanted = new Set();
  marks.querySelectorAll("[data-words]").forEach((form) => {
    wanted.add(beginning + form.dataset.words);
    keepWords(form, beginning + form.dataset.words, (field) => /-(text|speaker)$/.test(field));
  });
  marks.querySelectorAll("[data-words-kept]").forEach((form) => wanted.add(beginning + form.dataset.wordsKept));
  const store = wordsStore(window.localStorage);
  store.names(beginning).filter((name) => !wanted.has(name)).forEach(store.clear);
}

function goTo(number) {
  const card = byId(`mark-${number}`);
  if (card) card.focus();
}

function pictureTools(stage) {
  const svg = stage.querySelector("svg");
  const [wide, high] = [Number(stage.dataset.wide), Number(stage.dataset.high)];
  const form = document.querySelector("[data-paper-add]");
  const draft = svg.querySelector("[data-paper-draft]");
  const cross = svg.querySelector("[data-paper-cross]");
  const say = form.querySelector("[data-paper-say]");
  const [done, stop] = [form.querySelector("[data-add-done]"), form.querySelector("[data-add-stop]")];
  const text = (points) => points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  let task = null; // {kind, points} or {move: number, points}
  let place = [wide / 2, high / 2];

  function placeOf(event) {
    const box = svg.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * wide, ((event.clientY - box.top) / box.height) * high];
  }

  function show() {
    draft.setAttribute("points", task ? text(task.points) : "");
    cross.setAttribute("d", task ? `M${place[0] - 60} ${place[1]}h120M${place[0]} ${place[1] - 60}v120` : "");
    stage.classList.toggle("paper-stage--busy", Boolean(task));
    stop.hidden = !task;
    done.hidden = !(task && task.kind && task.kind !== "spot" && task.points.length >= FEWEST[task.kind]);
  }

  function begin(next, words) {
    task = { ...next, points: [] };
    stage.tabIndex = 0;
    stage.setAttribute("role", "application");
    stage.setAttribute("aria-label", words);
    say.textContent = words;
    show();
    stage.focus();
  }

  function end() {
    task = null;
    stage.removeAttribute("tabindex");
    stage.removeAttribute("role");
    stage.removeAttribute("aria-label");
    say.textContent = "";
    show();
  }

  function send(target, points, kind) {
    if (kind) target.elements.kind.value = kind;
    target.elements.points.value = text(points);
    target.submit();
  }

  function take(point) {
    if (task.move) {
      send(document.querySelector(`[data-place="${task.move}"]`), [point]);
      return;
    }
    task.points.push(point);
    if (task.kind === "spot") send(form, task.points, "spot");
    else show();
  }

  form.querySelectorAll("[data-add]").forEach((button) => on(button, "click", () => begin({ kind: button.dataset.add },
    t("Tap the places on the picture. By keys: arrows move the cross, Enter sets a place."))));
  document.querySelectorAll("[data-move]").forEach((button) => on(button, "click", () => {
    const pin = svg.querySelector(`[data-pin="${button.dataset.move}"]`);
    place = [Number(pin.getAttribute("cx")), Number(pin.getAttribute("cy"))];
    begin({ move: button.dataset.move }, t("Tap the right place on the picture. By keys: arrows move the cross, Enter sets the place."));
  }));
  on(done, "click", () => send(form, task.points, task.kind));
  on(stop, "click", end);

  on(stage, "keydown", (event) => {
    if (!task) return;
    const step = event.shiftKey ? 2 : 18;
    const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (move) place = [Math.min(wide, Math.max(0, place[0] + move[0])), Math.min(high, Math.max(0, place[1] + move[1]))];
    else if (event.key === "Enter") take([...place]);
    else if (event.key === "Escape") end();
    else return;
    event.preventDefault();
    show();
  });

  let carried = null;
  on(svg, "pointerdown", (event) => {
    const pin = event.target.closest("[data-pin]");
    if (task || !pin || !document.querySelector(`[data-place="${pin.dataset.pin}"]`)) return;
    carried = { pin, from: placeOf(event), moved: false };
    svg.setPointerCapture(event.pointerId);
  });
  on(svg, "pointermove", (event) => {
    if (!carried) return;
    const [x, y] = placeOf(event);
    carried.moved = carried.moved || Math.hypot(x - carried.from[0], y - carried.from[1]) > 12;
    if (!carried.moved) return;
    carried.pin.setAttribute("cx", x);
    carried.pin.setAttribute("cy", y);
  });
  on(svg, "pointerup", (event) => {
    const held = carried;
    carried = null;
    if (held && held.moved) {
      const shift = placeOf(event);
      send(document.querySelector(`[data-place="${held.pin.dataset.pin}"]`), [shift]);
    } else if (held) goTo(held.pin.dataset.pin);
    else if (task) take(placeOf(event));
    else if (event.target.closest("[data-mark]")) goTo(event.target.closest("[data-mark]").dataset.mark);
  });
}

keepMarks();
showMap();
const stage = document.querySelector("[data-paper-stage]");
if (stage) pictureTools(stage);
