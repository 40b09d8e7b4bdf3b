// Steps on their way to the server: kept in the browser until each was answered, sent one after the other with their keys.
// A step that was sent twice because its answer was lost happens once: the server knows its key.

const PAUSES = [2000, 4000, 8000, 15000]; // ms; then every 15 s, and at once when the line is back

export const newKey = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`;

/** A line that failed, a server that will be back, a person who has to sign in again: the step is sent again. Everything else is an answer. */
export const passes = (error) => error.status === 0 || error.status === 401 || error.status === 403 || error.status === 429 || error.status === 502 || error.status === 503 || error.status === 504;

/**
 * send(step) -> answer; onAnswer(step, answer); onRefused(step, error) -> "drop", "again" (after change()), or "hold" to wait for a
 * person (resume()). A step's `base` is the revision its maker saw; rebase(from, to) after a step of one's own.
 * onChange({count, sending, lost}) whenever that changes. `storage` as localStorage, null where there is none.
 */
export function stepQueue({ name, send, onAnswer, onRefused, onChange, storage = null, wait = setTimeout, unwait = clearTimeout }) {
  let steps = read();
  let [sending, lost, held] = [false, false, false];
  let [timer, tries] = [null, 0];

  function read() {
    try {
      return JSON.parse(storage.getItem(name)) || [];
    } catch (error) {
      return []; // no storage, or something else stands there
    }
  }

  function keep() {
    try {
      if (steps.length) storage.setItem(name, JSON.stringify(steps));
      else storage.removeItem(name);
    } catch (error) {
      // full or forbidden: the steps live as long as the page
    }
    onChange({ count: steps.length, sending, lost });
  }

  function add(step) {
    const queued = { key: newKey(), ...step };
    steps.push(queued);
    keep();
    run();
    return queued;
  }

  async function run() {
    if (sending || held || !steps.length) return;
    unwait(timer);
    sending = true;
    keep();
    const step = steps[0];
    let answer = null;
    let error = null;
    try {
      answer = await send(step);
    } catch (failure) {
      error = failure;
    }
    sending = false;
    if (error && passes(error)) {
      lost = true;
      timer = wait(run, PAUSES[Math.min(tries, PAUSES.length - 1)]);
      tries += 1;
      keep();
      return;
    }
    [lost, tries] = [false, 0];
    const verdict = error && onRefused(step, error);
    if (verdict === "hold") {
      held = true;
      keep();
      return;
    }
    if (verdict === "again") {
      run();
      return;
    }
    steps = steps.filter((other) => other !== step);
    keep();
    if (!error) onAnswer(step, answer);
    run();
  }

  /** Go on after a person decided about the step that is held: false drops it, true sends it as a new one. */
  function resume(again) {
    const [first, ...rest] = steps;
    steps = again ? [{ ...first, key: newKey() }, ...rest] : rest;
    held = false;
    keep();
    run();
  }

  /** Steps that were made on a revision now stand on the one our own step made of it. */
  function rebase(from, to) {
    for (const step of steps) if (step.base === from) step.base = to;
    keep();
  }

  /** More said about the step that is first. */
  function change(fields) {
    steps = [{ ...steps[0], ...fields }, ...steps.slice(1)];
  }

  return { add, run, resume, change, rebase, steps: () => steps.slice(), isIdle: () => !steps.length };
}
