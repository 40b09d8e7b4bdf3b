// Photos of marked sheets are sent one by one: each has a word of its own, and those that did not come through are sent again on a press.
import { el, fill, on } from "../lib/dom.js";
import { sendBody } from "../lib/request.js";
import { t } from "../lib/words.js";

export function sendOneByOne(form) {
  const [input, button] = [form.querySelector("input[type=file]"), form.querySelector("[type=submit]")];
  const [list, said, again] = ["list", "said", "again"].map((name) => form.querySelector(`[data-papers-${name}]`));
  let rows = [];
  let busy = false;

  /** A photo in the list: its name, a bar, a word. */
  function rowOf(photo) {
    const [bar, word] = [el("progress", { max: "1", value: "0", hidden: true, "aria-hidden": "true" }), el("span", {})];
    const node = el("li", { class: "paper-sent" }, el("strong", {}, photo.name), bar, word);
    return { photo, bar, word, node, sent: false };
  }

  function tell(row, words, share) {
    fill(row.word, [words]);
    row.bar.hidden = share === undefined;
    row.bar.value = share || 0;
  }

  async function send(row) {
    const body = new FormData();
    body.append("file", row.photo, row.photo.name);
    const onShare = (share) => tell(row, t("Sending, %(percent)s", { percent: `${Math.round(share * 100)} %` }), share);
    try {
      onShare(0);
      await sendBody("POST", form.dataset.url, body, onShare);
      row.sent = true;
      tell(row, t("Sent. It is being read."));
    } catch (error) {
      tell(row, t("Not sent: %(reason)s", { reason: error.message }));
    }
    row.node.classList.toggle("paper-sent--lost", !row.sent);
  }

  async function sendAll() {
    const open = rows.filter((row) => !row.sent);
    busy = true;
    again.hidden = true;
    input.disabled = true;
    button.disabled = true;
    open.forEach((row) => tell(row, t("Waits for its turn")));
    for (const row of open) {
      fill(said, [t("Sending photo %(number)s of %(total)s…", { number: rows.indexOf(row) + 1, total: rows.length })]);
      await send(row);
    }
    busy = false;
    input.disabled = false;
    button.disabled = false;
    const lost = rows.filter((row) => !row.sent).length;
    if (!lost) {
      window.location.assign(window.location.pathname);
      return;
    }
    input.value = "";
    fill(said, [t("Sent: %(sent)s. Not sent: %(lost)s. Send these again, or choose other photos.", { sent: rows.length - lost, lost })]);
    again.hidden = false;
    again.focus();
  }

  on(form, "submit", (event) => {
    event.preventDefault();
    if (busy) return;
    rows = Array.from(input.files).map(rowOf);
    fill(list, rows.map((row) => row.node));
    sendAll();
  });
  on(again, "click", sendAll);
  on(window, "beforeunload", (event) => {
    if (busy) event.preventDefault();
  });
}
