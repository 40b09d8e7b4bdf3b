// Handing in a plan file: drag it here, see how much of it is sent, go on after a break. Words come with the form (data-word-…).
import { byId, el, fill, on } from "../lib/dom.js";
import { csrfToken, getJson } from "../lib/request.js";
import { begun, bodyOf, forget, isOf, sender, sha256Of } from "../lib/sending.js";
import { t } from "../lib/words.js";

const FIELDS = ["village", "profile", "crs", "encoding", "note", "check_only"];
const MB = 1024 * 1024;

const valueOf = (field) => (field.type === "checkbox" ? (field.checked ? "true" : "") : field.value.trim());

/** A field as it was said when the sending began; a profile is always chosen. */
function putBack(field, value) {
  if (field.type === "checkbox") field.checked = value === "true";
  else field.value = value || (field.name === "profile" ? field.value : "");
}

/** What is wrong with a file before it is sent, or "". `types`: the endings of the input's accept attribute. */
export function problemOf(file, maxBytes, words, types) {
  if (!file) return words.wordNone;
  if (!types.some((ending) => file.name.toLowerCase().endsWith(ending))) return words.wordType;
  if (file.size > maxBytes) return words.wordLarge;
  if (!file.size) return words.wordEmpty;
  return "";
}

export function problemsIn(body, words) {
  const fields = body && body.error && body.error.data && body.error.data.fields;
  const place = (field) => ({ filename: "file", __all__: "" })[field] ?? field;
  if (fields) return Object.entries(fields).flatMap(([field, texts]) => texts.map((text) => ({ field: place(field), text })));
  return [{ field: "", text: (body && body.error && body.error.message) || words.wordBroken }];
}

/** The newest version of a village when the form was opened: "370983101204:2 …"; a village that is not named had none. */
export const seenNumber = (text, village) => (text.split(/\s+/).find((part) => part.startsWith(`${village}:`)) || ":0").split(":")[1];

const percentOf = (sent, total) => `${Math.floor((sent / total) * 100)} %`;

export const figures = (sent, total) =>
  t("%(sent)s of %(total)s MB, %(percent)s", { sent: (sent / MB).toFixed(1), total: (total / MB).toFixed(1), percent: percentOf(sent, total) });

function summary(box, words, problems) {
  const items = problems.map(({ field, text }) => el("li", {}, field && byId(`id_${field}`) ? el("a", { href: `#id_${field}` }, text) : text));
  const node = el("div", { class: "error-summary", role: "alert", tabindex: "-1" }, el("h2", {}, words.wordTitle), el("ul", {}, items));
  fill(box, [node]);
  node.focus();
}

function start(form) {
  const words = form.dataset;
  const part = (name) => form.querySelector(`[data-upload-${name}]`);
  const input = form.querySelector("input[type=file]");
  const types = input.accept.split(",");
  const errors = document.querySelector("[data-upload-errors]");
  const earlier = document.querySelector("[data-upload-unfinished]");
  const knownBox = document.querySelector("[data-upload-known]");
  const [progress, word, count, bar] = [part("progress"), part("word"), part("figures"), part("progress").querySelector("progress")];
  const [button, pause, cancel, fields] = [part("button"), part("pause"), part("cancel"), part("fields")];
  const options = { endpoint: new URL(words.endpoint, window.location.href).href, chunkSize: Number(words.pieceBytes), language: document.documentElement.lang };
  let sending = null;
  let paused = false;
  let wanted = null; // the unfinished upload whose file is being looked for

  const check = () => problemOf(input.files[0], Number(words.maxBytes), words, types);
  const said = () => Object.fromEntries(FIELDS.map((name) => [name, valueOf(form.elements[name])]));

  function say(text) {
    if (word.textContent !== text) fill(word, [text]);
  }

  function busy(text) {
    fill(errors, []);
    fill(knownBox, []);
    earlier.hidden = true;
    fields.disabled = button.disabled = true;
    progress.hidden = false;
    pause.hidden = cancel.hidden = true;
    bar.removeAttribute("value");
    fill(count, []);
    say(text);
  }

  function idle() {
    sending = null;
    progress.hidden = true;
    fields.disabled = button.disabled = false;
  }

  function end(problems) {
    idle();
    summary(errors, words, problems);
    offer();
  }

  function showKnown({ message, page }, again) {
    idle();
    const node = el("div", { class: "notice notice--info", role: "alert", tabindex: "-1" }, el("h2", {}, words.wordKnown), el("p", {}, message),
      el("p", { class: "row-wrap" }, el("a", { class: "btn btn-primary", href: page }, words.wordOpen),
        el("button", { type: "button", class: "btn btn-outline-primary", onclick: again }, words.wordAgain)));
    fill(knownBox, [node]);
    node.focus();
  }

  function hold(isPaused, text) {
    paused = isPaused;
    fill(pause, [isPaused ? words.wordContinue : words.wordPause]);
    if (text) say(text);
  }

  async function finished(url, again) {
    try {
      const part = await getJson(url);
      if (part.known) showKnown(part, again);
      else window.location.assign(part.page);
    } catch (error) {
      end([{ field: "", text: error.message }]);
    }
  }

  function tell(state, detail) {
    const again = () => handIn({ again: "true" });
    if (state === "sending") {
      bar.value = Math.floor((detail.sent / detail.total) * 100);
      fill(count, [figures(detail.sent, detail.total)]);
      hold(false, detail.sent === detail.total ? words.wordSent : words.wordSending);
    } else if (state === "waiting") say(words.wordWaiting);
    else if (state === "lost") hold(true, words.wordLost);
    else if (state === "signed_out") {
      hold(true);
      fill(word, [`${words.wordSignedOut} `, el("a", { href: words.signIn, target: "_blank" }, words.wordSignIn)]);
    }
    else if (state === "done") finished(detail, again);
    else {
      const body = bodyOf(detail);
      if (body && body.error && body.error.code === "known") showKnown({ message: body.error.message, page: body.error.data.page }, again);
      else end(problemsIn(body, words));
    }
  }

  async function handIn(more = {}) {
    const file = input.files[0];
    const told = said();
    wanted = null;
    busy(words.wordReading);
    const rows = await begun();
    if (!rows.some((row) => isOf(row, file, told)) && !more.again) {
      const sha256 = await sha256Of(file);
      if (sha256 && told.village) {
        const { note, ...reading } = told;
        const query = new URLSearchParams(Object.entries({ ...reading, sha256 }).filter(([, value]) => value));
        const answer = await getJson(`${words.knownUrl}?${query}`).catch(() => ({ known: false })); // the sending itself says what is wrong
        if (answer.known) return showKnown(answer, () => handIn({ again: "true" }));
        more = { sha256 };
      }
    }
    say(words.wordSending);
    sending = sender(file, { ...told, ...more, based_on: seenNumber(form.elements.based_on.value, told.village) }, options, tell);
    hold(false);
    pause.hidden = cancel.hidden = false;
    pause.focus();
    sending.start();
  }

  on(pause, "click", () => {
    if (paused) {
      hold(false, words.wordSending);
      sending.start();
    } else {
      sending.pause();
      hold(true, words.wordPaused);
    }
  });
  on(cancel, "click", async () => {
    const given = sending;
    idle();
    button.focus();
    await given.discard().catch(() => {}); // without a line the server forgets it by itself
    offer();
  });
  on(window, "online", () => {
    if (!sending || !paused || word.textContent !== words.wordLost) return;
    hold(false, words.wordSending);
    sending.start();
  });

  on(input, "change", () => {
    const file = input.files[0];
    fill(form.querySelector("[data-file-name]"), [file ? file.name : ""]);
    fill(knownBox, []);
    const text = file ? check() : "";
    if (text) summary(errors, words, [{ field: "file", text }]);
    else if (file && wanted && !isOf(wanted, file, said())) summary(errors, words, [{ field: "file", text: t("This is another file than %(name)s, or it was changed since. To send it from the start choose “Hand in and check”.", { name: wanted.metadata.filename }) }]);
    else {
      fill(errors, []);
      if (file && wanted) handIn();
    }
  });
  const drop = form.querySelector("[data-drop]");
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
  on(form, "submit", (event) => {
    event.preventDefault();
    const text = check();
    if (text) end([{ field: "file", text }]);
    else handIn();
  });

  /** The page cannot keep a file, only remember it: whoever goes on chooses it once more. */
  function goOn(row) {
    wanted = row;
    for (const name of FIELDS) putBack(form.elements[name], row.metadata[name]);
    input.value = "";
    input.click();
  }

  function item(row, found) {
    const option = Array.from(form.elements.village.options).find((one) => one.value === found.village);
    const begunAt = new Date(row.creationTime).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    const text = t("%(name)s for %(village)s: %(percent)s is sent, begun on %(day)s.", {
      name: found.name, village: option ? option.textContent : found.village, percent: percentOf(found.offset, found.size), day: begunAt,
    });
    const discard = async () => {
      await fetch(row.uploadUrl, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": csrfToken() } }).catch(() => {});
      await forget(row);
      await offer();
      input.focus();
    };
    return el("li", {}, el("p", {}, text), el("p", { class: "row-wrap" },
      el("button", { type: "button", class: "btn btn-outline-primary btn-sm", onclick: () => goOn(row) }, words.wordGoOn, el("span", { class: "visually-hidden" }, ` ${found.name}`)),
      el("button", { type: "button", class: "btn btn-link btn-sm", onclick: discard }, words.wordDiscard, el("span", { class: "visually-hidden" }, ` ${found.name}`))));
  }

  /** Uploads that were begun here and are still on the server; what is not there any more is forgotten. */
  async function offer() {
    const items = [];
    for (const row of await begun()) {
      try {
        const found = await getJson(row.uploadUrl);
        if (found.upload) await forget(row);
        else items.push(item(row, found));
      } catch (error) {
        if (error.status === 404 && Date.now() - new Date(row.creationTime) > Number(words.forgetSeconds) * 1000) await forget(row); // else perhaps another person's
      }
    }
    fill(earlier.querySelector("ul"), items);
    earlier.hidden = !items.length || sending !== null;
  }

  offer();
}

const form = typeof document === "undefined" ? null : document.querySelector("[data-upload-form]");
if (form) start(form);
