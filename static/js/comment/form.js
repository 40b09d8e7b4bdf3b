// The form of a comment: what it is about, the draft on this device, sending, and what the server said.
import { el, fill, on } from "../lib/dom.js";
import { getPart, postJson } from "../lib/request.js";
import { t } from "../lib/words.js";
import { newKey } from "../draw/queue.js";
import { aboutChooser, offer } from "./about.js";
import { alike, first } from "./alike.js";
import { bodyOf, draftStore, isEmpty, keyOf } from "./draft.js";
import { outbox } from "./outbox.js";
import { mountPhotos } from "./photos.js";

const PAUSE = 400; // ms after the last key, before the draft is kept

const SAID = { // in what words a draft is shown again
  kept: () => t("This is not sent yet. You wrote it on this device earlier; look at it and send it, or discard it."),
  sending: () => t("Sending your comment…"),
  waiting: () => t("No connection. Your comment is kept on this device and is sent by itself when the line is back. You may close the page and come again."),
  signin: () => t("Your comment is not sent yet: please sign in again. It is kept on this device."),
  later: () => t("Your comment is not sent yet; it is kept on this device."),
  older: () => t("Your comment had arrived already as you wrote it first. What you changed since is kept here; send it as another comment, or discard it."),
  closed: () => t("Your comment could not be sent, its words are kept here. You may copy them and hand them to the village committee."),
  right: () => t("Your comment is not sent yet, nothing of it is lost. Please put right what is said here, and send it again."),
};

/** What was wrong, in the server's words: of a field where it names one. */
export function wordsOf({ message, data = {} }) {
  const fields = Object.values(data.fields || {});
  return fields.length ? [].concat(...fields).join(" ") : message;
}

export const sameWords = (about, draft) => (count) => {
  const values = { count, number: draft[about] };
  if (about === "zone") return count === 1 ? t("One other comment is about zone %(number)s.", values) : t("%(count)s other comments are about zone %(number)s.", values);
  if (about === "project") return count === 1 ? t("One other comment is about this project.") : t("%(count)s other comments are about this project.", values);
  return count === 1 ? t("One other comment is about this place.") : t("%(count)s other comments are about this place.", values);
};

/** mountForm(form, {map, frame, pins, onSent, onShow}): `map` may be null; returns {setPlace}. */
export function mountForm(form, { map, frame, pins, onSent, onShow }) {
  const { version, person, send: address, signIn } = form.dataset;
  const node = (name) => form.querySelector(`[data-${name}]`);
  const [said, box, sendAgain] = [node("comment-said"), node("draft"), node("draft-send")];
  const submit = form.querySelector("[type=submit]");
  const store = draftStore(keyOf(version, person), window.localStorage);
  const photos = mountPhotos(form);
  let timer = null;

  const chooser = aboutChooser(form, { map, frame, changed });

  const value = (name) => (form.elements[name] ? form.elements[name].value : "");
  function written() {
    const draft = { about: chooser.about(), wanted: false };
    for (const name of ["text", "zone", "project", "lon", "lat", "shape", "once"]) draft[name] = value(name);
    return draft;
  }

  function keep() {
    clearTimeout(timer);
    const before = store.read();
    if (!out.busy()) store.save({ ...written(), wanted: Boolean(before && before.wanted) });
  }

  function changed() {
    keep();
    const draft = written();
    const own = new Set(Array.from(document.querySelectorAll("article.comment[data-own]"), (article) => article.id));
    const found = alike(draft, pins()).filter((comment) => !own.has(`comment-${comment.id}`));
    offer(node("similar"), first(found), found.length, sameWords(draft.about, draft), onShow);
  }

  /** Read aloud; seen as well where the box above does not say it. */
  function tell(text, seen = false) {
    fill(said, [text]);
    said.classList.toggle("visually-hidden", seen);
  }

  function show(state, more = "", level = "warning") {
    box.hidden = !state;
    box.className = `notice notice--${level}`;
    fill(box.querySelector("[data-draft-text]"), state ? [SAID[state](), more && el("strong", { class: "draft__why" }, more), state === "signin" && el("a", { class: "btn btn-primary", href: signIn }, t("Sign in"))] : []);
    sendAgain.hidden = state !== "waiting";
    tell(state ? `${SAID[state]()} ${more}` : "", Boolean(state));
    submit.disabled = state === "sending";
  }

  async function send(draft) {
    if (photos) await photos.settled();
    return postJson(address, bodyOf(draft, photos ? photos.ids() : []), { timeout: 30000 });
  }

  const out = outbox({
    store,
    send,
    tell(state, detail, what) {
      if (state === "sending") show("sending", "", "info");
      else if (state === "waiting") show("waiting", navigator.onLine === false ? "" : detail.message);
      else if (state === "refused") {
        show(what, what === "signin" ? "" : wordsOf(detail), what === "later" ? "warning" : "error");
        box.scrollIntoView({ block: "center" });
        if (what === "right") form.elements.text.focus({ preventScroll: true });
      } else if (state === "older") {
        form.elements.once.value = newKey();
        keep();
        show("older");
      } else sent(detail);
    },
  });

  function empty() {
    form.reset();
    for (const name of ["lon", "lat", "shape", "zone", "project"]) if (form.elements[name]) form.elements[name].value = "";
    form.elements.text.value = "";
    form.elements.once.value = newKey();
    if (photos) photos.clear();
    chooser.restore("plan");
    offer(node("similar"), [], 0, null, onShow);
  }

  async function sent(comment) {
    const kept = comment.held ? comment.held.text : t("Thank you. Your comment is public now; the village committee will answer it here.");
    const words = comment.starred ? `${kept} ${t("This comment has a telephone or identity number; others see stars.")}` : kept;
    empty();
    show("");
    try {
      await onSent(comment, words, await getPart(`${window.location.pathname}?comment=${comment.id}`));
    } catch (error) {
      show("");
      tell(`${words} ${t("Load the page again later to see it in the list.")}`); // it is there; only the page could not be asked
    }
  }

  function discard() {
    clearTimeout(timer);
    out.stop();
    if (photos) photos.discard();
    empty();
    show("");
    tell(t("The draft was discarded."));
    form.elements.text.focus();
  }

  on(form, "input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  });
  on(form, "change", changed);
  on(form, "submit", (event) => {
    event.preventDefault();
    delete form.dataset.sent; // pages/site.js lets a plain form be sent once; the key of the draft does it here
    clearTimeout(timer);
    if (!out.busy()) out.press(written());
  });
  on(sendAgain, "click", () => out.resume());
  on(node("draft-discard"), "click", discard);
  on(window, "online", () => out.resume());
  on(window, "pagehide", keep);

  const draft = store.read();
  if (draft && !isEmpty(draft)) {
    for (const name of ["text", "zone", "project", "lon", "lat", "shape", "once"]) if (form.elements[name] && draft[name]) form.elements[name].value = draft[name];
    chooser.restore(draft.about);
    if (draft.wanted) out.resume();
    else show("kept");
  } else chooser.restore("");
  return { setPlace: chooser.setPlace };
}
