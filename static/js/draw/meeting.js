// Two people at one drawing: what others did, and what happens to a step that met one of theirs.
import { fill, on } from "../lib/dom.js";
import { BACKGROUND, getJson } from "../lib/request.js";
import { t } from "../lib/words.js";
import { causeOf } from "./queue.js";
import { othersText } from "./says.js";

export function meeting(board, box, changesUrl) {
  const text = box.querySelector("[data-meeting-text]");
  const again = box.querySelector("[data-again]");
  const leave = box.querySelector("[data-leave]");
  let decide = null;

  function ask(words, doText, leaveText, onDecided) {
    fill(text, [words]);
    fill(again, [doText]);
    fill(leave, [leaveText]);
    decide = onDecided;
    box.hidden = false;
    again.focus();
  }

  function end(answer) {
    const decided = decide;
    decide = null;
    box.hidden = true;
    board.focusMap();
    decided(answer);
  }

  on(again, "click", () => end(true));
  on(leave, "click", () => end(false));

  async function fetchChanges(options) {
    const changes = await getJson(`${changesUrl}?since=${board.state.revision}`, options);
    board.take(changes);
    return changes;
  }

  /** A step of ours and one of theirs touched the same zones: theirs is shown, ours is kept as a dashed line until it is decided. */
  async function changedMeanwhile(error, onDecided) {
    const steps = error.data.steps || [];
    try {
      await fetchChanges();
    } catch (failure) {
      board.say(failure.message, "error");
    }
    ask(t("%(others)s Your step touches the same zones and was not done. The map shows theirs; yours is dashed.", { others: othersText(steps) }), t("Do mine again"), t("Leave theirs"), onDecided);
  }

  /** The last step is another person's. */
  function notYours(error, onDecided) {
    const step = (error.data.steps || [])[0] || error.data.step || board.state.undo;
    ask(step ? t("The last step was made by %(by)s: %(text)s. Undo it all the same?", step) : error.message, t("Undo their step"), t("Leave it"), onDecided);
  }

  /** A step that is refused, or that the portal fails at, however often it is sent: nobody but its maker lets it go. */
  function stuck(error, onDecided) {
    ask(t("A step could not be done: %(why)s It is kept. Send it again, or leave it out?", { why: error.message }), t("Send it again"), t("Leave it out"), onDecided);
  }

  /** Now and then, so that two people see each other without doing anything. */
  function watch(seconds) {
    setInterval(async () => {
      if (document.hidden || !board.queue.isIdle() || board.queue.trouble() || decide) return;
      try {
        const before = board.state.revision;
        const changes = await fetchChanges(BACKGROUND);
        const others = changes.revision > before ? changes.steps.filter((step) => !step.mine && step.revision > before) : [];
        if (others.length) board.say(othersText(others));
      } catch (error) {
        if (causeOf(error) === "who") board.queue.look(); // all else the next step will say
      }
    }, seconds * 1000);
  }

  return { changedMeanwhile, notYours, stuck, watch };
}
