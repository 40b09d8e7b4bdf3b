// Handing in a plan file: drag it here, see how much of it is sent. Words come with the form (data-word-…).
import { el, fill, on } from "../lib/dom.js";
import { csrfToken } from "../lib/request.js";

const TYPES = /\.(gpkg|zip|geojson|json)$/i;

/** What is wrong with a file before it is sent, or "". */
export function problemOf(file, maxBytes, words) {
  if (!file) return words.wordNone;
  if (!TYPES.test(file.name)) return words.wordType;
  if (file.size > maxBytes) return words.wordLarge;
  return "";
}

function summary(box, words, problems) {
  const items = problems.map(({ field, text }) => el("li", {}, field ? el("a", { href: `#id_${field}` }, text) : text));
  const node = el("div", { class: "error-summary", role: "alert", tabindex: "-1" }, el("h2", {}, words.wordTitle), el("ul", {}, items));
  fill(box, [node]);
  node.focus();
}

/** fetch does not tell how much it has sent; XMLHttpRequest does. */
function send(form, onPercent) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.upload.onprogress = (event) => event.lengthComputable && onPercent(Math.floor((event.loaded / event.total) * 100));
    request.onload = () => {
      let body = null;
      try {
        body = JSON.parse(request.responseText);
      } catch (error) {
        // a proxy's own page, for example 413: told as not sent
      }
      resolve({ status: request.status, body });
    };
    request.onerror = () => resolve({ status: 0, body: null });
    request.send(new FormData(form));
  });
}

function problemsIn(body, words) {
  const fields = body && body.error && body.error.data && body.error.data.fields;
  if (fields) return Object.entries(fields).flatMap(([field, texts]) => texts.map((text) => ({ field: field === "__all__" ? "" : field, text })));
  return [{ field: "", text: (body && body.error && body.error.message) || words.wordBroken }];
}

function start(form) {
  const words = form.dataset;
  const input = form.querySelector("input[type=file]");
  const errors = document.querySelector("[data-upload-errors]");
  const progress = form.querySelector("[data-upload-progress]");
  const word = form.querySelector("[data-upload-word]");
  const bar = progress.querySelector("progress");
  const button = form.querySelector("[data-upload-button]");
  const drop = form.querySelector("[data-drop]");
  const shownName = form.querySelector("[data-file-name]");

  const check = () => problemOf(input.files[0], Number(words.maxBytes), words);
  on(input, "change", () => {
    fill(shownName, [input.files[0] ? input.files[0].name : ""]);
    const text = input.files[0] ? check() : "";
    if (text) summary(errors, words, [{ field: "file", text }]);
    else fill(errors, []);
  });
  on(drop, "dragover", (event) => {
    event.preventDefault();
    drop.classList.add("is-over");
  });
  on(drop, "dragleave", () => drop.classList.remove("is-over"));
  on(drop, "drop", (event) => {
    event.preventDefault();
    drop.classList.remove("is-over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
  });

  function end(problems) {
    progress.hidden = true;
    button.disabled = false;
    delete form.dataset.sent;
    summary(errors, words, problems);
  }

  on(form, "submit", async (event) => {
    event.preventDefault();
    const text = check();
    if (text) return end([{ field: "file", text }]);
    fill(errors, []);
    button.disabled = true;
    progress.hidden = false;
    bar.value = 0;
    fill(word, [words.wordSending]);
    const { status, body } = await send(form, (percent) => {
      bar.value = percent;
      if (percent === 100) fill(word, [words.wordSent]);
    });
    if (status === 201 && body) window.location.assign(body.url);
    else end(problemsIn(body, words));
  });
}

const form = document.querySelector("[data-upload-form]");
if (form) start(form);
