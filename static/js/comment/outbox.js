// A comment on its way: kept before it is sent, sent again with the same key when the line is back, and told what became of it.

const PAUSES = [5000, 15000, 30000, 60000]; // ms between tries of its own accord; at once when the line comes back

/** No answer, or one that will be another in a while: it is tried again by itself. Everything else is an answer. */
export const passes = ({ status, code }) => status === 0 || status >= 500 || code === "busy";

/** What somebody has to do about an answer: "signin" (also with the token of an earlier session), "later" (429), "closed" (409),
 *  "put right" (400 and the rest). */
export function todo({ status, code }) {
  if (status === 401 || code === "not_authenticated" || code === "permission_denied") return "signin";
  if (status === 429) return "later";
  return status === 409 && code === "notice_closed" ? "closed" : "right";
}

/**
 * outbox({store, send, tell}): press(draft) keeps the draft and sends it; resume() goes on with one that was pressed before.
 * `send(draft)` -> answer. tell(state, detail): "sending"; "waiting" error: it is tried again; "refused" error, what to do; "sent" answer;
 * "older" answer: what was sent before had arrived after all, and the words were changed since: those are kept.
 * Pressed twice, it is sent once at a time, and always with the draft's own key: the server makes one comment of it.
 */
export function outbox({ store, send, tell, wait = setTimeout, unwait = clearTimeout }) {
  let [sending, timer, tries] = [false, null, 0];

  async function run() {
    const draft = store.read();
    if (sending || !draft || !draft.wanted) return;
    unwait(timer);
    sending = true;
    tell("sending");
    try {
      const answer = await send(draft);
      tries = 0;
      if (answer.text === undefined || answer.text === draft.text.trim()) {
        store.clear();
        tell("sent", answer);
      } else {
        store.save({ ...draft, once: "", wanted: false });
        tell("older", answer);
      }
    } catch (error) {
      if (passes(error)) {
        timer = wait(run, PAUSES[Math.min(tries, PAUSES.length - 1)]);
        tries += 1;
        tell("waiting", error);
      } else {
        store.save({ ...draft, wanted: false });
        tell("refused", error, todo(error));
      }
    } finally {
      sending = false;
    }
  }

  return {
    press(draft) {
      store.save({ ...draft, wanted: true });
      return run();
    },
    resume: run,
    stop() {
      unwait(timer);
      store.clear();
    },
    busy: () => sending,
  };
}
