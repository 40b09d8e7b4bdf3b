// Photos of a comment: take or choose them, they are made smaller and sent while one writes on.
//
// mountPhotos(form) looks for [data-photos] in the form (templates/planning/includes/comment_photo_field.html) and gives back null, or
//   ids()      ids of the photos that are kept, for JSON bodies ("photos": […]); a plain form carries them in hidden inputs `photos`
//   busy()     whether one is still on its way
//   lost()     whether one waits for the line to come back
//   settled()  a promise: nothing is on its way any more; fails like a request without an answer while one waits for the line
//   clear()    the comment was sent: forget them
//   discard()  the draft is given up: take them out again
// A plain submit waits by itself until nothing is on its way; whoever sends by script awaits settled() first.
import { el, fill, icon, on } from "../lib/dom.js";
import { RequestError, sendBody } from "../lib/request.js";
import { t } from "../lib/words.js";
import { photoQueue } from "./photo_queue.js";
import { shrink } from "./shrink.js";

const TYPES = "image/jpeg,image/png,image/webp";

function saying(photo) {
  const percent = `${Math.round((photo.share || 0) * 100)} %`;
  const words = {
    waiting: t("Waits for its turn"),
    shrinking: t("Getting the photo ready…"),
    sending: t("Sending, %(percent)s", { percent }),
    sent: t("Added"),
    lost: t("The connection was lost. It is sent when the line is back."),
    refused: photo.message,
  };
  return words[photo.state] || "";
}

export function mountPhotos(form) {
  const box = form.querySelector("[data-photos]");
  if (!box) return null;
  const { url, own, most } = box.dataset;
  const list = box.querySelector("[data-photo-list]");
  const status = el("p", { class: "photos__said", role: "status" });
  const rows = new Map();
  let warned = false;

  const queue = photoQueue({
    most: Number(most),
    prepare: shrink,
    send(blob, words, onShare) {
      const body = new FormData();
      body.append("file", blob, "photo.jpg"); // the name a phone gives tells the time and more
      body.append("words", words);
      return sendBody("POST", url, body, onShare);
    },
    drop: (id) => sendBody("DELETE", own.replace("zzzzzzzzzzzz", id)),
    describe: (id, words) => sendBody("PATCH", own.replace("zzzzzzzzzzzz", id), JSON.stringify({ words })),
    tell: show,
  });

  function show(photo) {
    let row = rows.get(photo.key);
    if (photo.state === "gone") {
      if (row) row.node.remove();
      if (row && row.address) URL.revokeObjectURL(row.address);
      rows.delete(photo.key);
      numbered();
      return;
    }
    if (!row) {
      row = made(photo);
      rows.set(photo.key, row);
      list.append(row.node);
      numbered();
    }
    const before = row.node.dataset.state;
    row.node.dataset.state = photo.state;
    fill(row.state, [photo.state === "sent" ? icon("ok") : null, saying(photo)]);
    row.bar.hidden = photo.state !== "sending";
    row.bar.value = photo.share || 0;
    row.retry.hidden = photo.state !== "lost";
    row.words.hidden = photo.state === "refused";
    row.id.disabled = photo.state !== "sent";
    row.id.value = photo.id || "";
    row.input.name = photo.id ? `photo-words-${photo.id}` : "";
    if (photo.state !== before && ["sent", "lost", "refused"].includes(photo.state)) say(`${row.title.textContent}: ${saying(photo)}`);
  }

  function made(photo) {
    const address = photo.file ? URL.createObjectURL(photo.file) : "";
    const row = {
      address,
      title: el("strong", {}),
      asked: el("span", {}),
      state: el("span", { class: "photo__state" }),
      bar: el("progress", { max: "1", value: "0", hidden: true, "aria-hidden": "true" }),
      id: el("input", { type: "hidden", name: "photos", disabled: true }),
      input: el("input", { type: "text", maxlength: "200", class: "form-control", value: photo.words || "", id: `photo-words-${photo.key}`, onchange: (event) => queue.say(photo, event.target.value.trim()) }),
      retry: el("button", { type: "button", class: "btn btn-outline-primary", hidden: true, onclick: () => queue.retry(photo) }, t("Send it again")),
      remove: el("button", { type: "button", class: "btn btn-link", onclick: () => takenOut(photo) }, ""),
    };
    row.words = el("label", { class: "photo__words", for: row.input.id }, row.asked, row.input);
    row.node = el(
      "li",
      { class: "photo" },
      el("img", { src: address || photo.small, alt: "", class: "photo__picture" }),
      el("div", { class: "photo__text" }, row.title, row.state, row.bar, row.words, el("div", { class: "row-wrap" }, row.retry, row.remove), row.id),
    );
    return row;
  }

  /** Photo 1, 2, …: the same number in the heading and in the name of the button. */
  function numbered() {
    queue.all().forEach((photo, at) => {
      const row = rows.get(photo.key);
      if (!row) return;
      const number = at + 1;
      fill(row.title, [t("Photo %(number)s", { number })]);
      fill(row.remove, [t("Remove photo %(number)s", { number })]);
      fill(row.asked, [t("What does photo %(number)s show?", { number })]);
    });
    const full = queue.all().length >= Number(most);
    buttons.hidden = full;
    enough.hidden = !full;
  }

  function takenOut(photo) {
    const at = queue.all().indexOf(photo);
    queue.remove(photo);
    say(t("The photo was removed."));
    const left = queue.all();
    const next = left[Math.min(at, left.length - 1)];
    (next ? rows.get(next.key).remove : choose.input).focus();
  }

  const say = (text) => fill(status, [text]);
  /** Nothing is on its way any more. A photo whose line broke is tried once more; the comment does not go without it, unless
   *  the person was told and sent it again. */
  async function settled() {
    queue.retryAll();
    await queue.settled();
    if (queue.lost() && !warned) throw new RequestError(t("The connection was lost. It is sent when the line is back."), { code: "network" });
  }
  function clear() {
    warned = false;
    queue.clear();
  }
  const discard = () => queue.all().forEach(queue.remove);

  function picker(text, name, attributes) {
    const input = el("input", { type: "file", accept: TYPES, class: "visually-hidden", ...attributes });
    on(input, "change", () => {
      const room = Array.from(input.files).filter((file) => queue.add(file));
      if (room.length < input.files.length) say(enough.textContent);
      input.value = ""; // the same photo may be chosen again after it was removed
    });
    return { input, node: el("label", { class: "btn btn-outline-primary photo-pick" }, icon(name), text, input) };
  }

  const choose = picker(t("Choose photos"), "upload", { multiple: true });
  const take = picker(t("Take a photo"), "camera", { capture: "environment" });
  const buttons = el("div", { class: "row-wrap" }, take.node, choose.node);
  const enough = el("p", { class: "soft", hidden: true }, t("A comment takes at most %(most)s photos.", { most }));
  fill(box.querySelector("[data-photo-pick]"), [buttons, enough, status]);

  Array.from(list.querySelectorAll("[data-photo]")).forEach((row) => {
    const words = row.querySelector("input[type=text]");
    const { photo: id, small } = row.dataset;
    row.remove();
    queue.take({ id, small, words: words ? words.value : "" });
  });

  on(window, "online", () => queue.retryAll());
  on(
    form,
    "submit",
    (event) => {
      if (!queue.busy() && (!queue.lost() || warned)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!queue.busy()) {
        warned = true;
        say(t("A photo was not sent yet. Send it again, or send the comment once more to leave it out."));
        box.scrollIntoView({ block: "nearest" });
        return;
      }
      say(t("The comment is sent as soon as the photos are there."));
      queue.settled().then(() => {
        if (form.requestSubmit) form.requestSubmit();
        else form.submit();
      });
    },
    true,
  );

  return { ids: queue.ids, busy: queue.busy, lost: queue.lost, settled, clear, discard };
}
