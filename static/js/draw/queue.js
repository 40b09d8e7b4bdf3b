// Steps on their way to the server: kept in the browser until each was answered, sent one after the other with their keys.
// A step that was sent twice because its answer was lost happens once: the server knows its key.

const PAUSES = [2000, 4000, 8000, 15000]; // ms; then every 15 s, and at once when the line is back

export const newKey = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`;

const BUSY = 30000; // ms; after "too often"
const FAULTS = 5; // times the server may fail at one step before a person is asked

/** Why a step is not answered: "line", "fault" of the server, "busy"; "who": who is signed in has to be asked. "": it is answered. */
export function causeOf({ status }) {
  if (status === 0) return "line";
  if (status >= 500) return "fault";
  if (status === 429) return "busy";
  return [401, 403, 404].includes(status) ? "who" : "";
}

/**
 * send(step) -> answer; onAnswer(step, answer); onRefused(step, error) -> "drop", "again" (after change()), or "hold" to wait for a
 * person (resume()). A step's `base` is the revision its maker saw; rebase(from, to) after a step of one's own.
 * who() -> "me" (steps may be sent again), or why not: "signed_out", "other", "denied"; such steps stay until run() is called again.
 * onChange({count, sending, trouble}) whenever that changes; trouble: a cause (see causeOf), an answer of who(), or "".
 * `storage` as localStorage, null where there is none.
 */
export function stepQueue({ name, send, onAnswer, onRefused, onChange, who, storage = null, wait = setTimeout, unwait = clearTimeout }) {
  let steps = read();
  let [sending, trouble, held] = [false, "", false];
  let [timer, tries, faults] = [null, 0, 0];
  let asked = ""; // key of the step that was refused and that who() let go again

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
    tell();
  }

  const tell = () => onChange({ count: steps.length, sending, trouble });

  function add(step) {
    const queued = { key: newKey(), ...step };
    steps.push(queued);
    keep();
    run();
    return queued;
  }

  async function ask() {
    try {
      return await who();
    } catch (error) {
      const cause = causeOf(error);
      return cause === "who" ? "denied" : cause || "line";
    }
  }

  /** What keeps a step from being answered; "me": nothing any more, it is sent again. What stays so however often it is sent is an answer. */
  async function whatStops(step, error) {
    const cause = causeOf(error);
    if (error.status === 500) faults += 1;
    if (faults === FAULTS) return "";
    if (cause !== "who") return cause;
    if (asked === step.key) return "";
    const found = await ask();
    if (found === "me") asked = step.key;
    return found;
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
    const stopped = error ? await whatStops(step, error) : "";
    sending = false;
    if (stopped === "me") {
      run();
      return;
    }
    trouble = stopped;
    if (stopped) {
      if (stopped === "busy") timer = wait(run, BUSY);
      if (stopped === "line" || stopped === "fault") timer = wait(run, PAUSES[Math.min(tries, PAUSES.length - 1)]);
      tries += 1;
      keep();
      return;
    }
    [tries, faults] = [0, 0];
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

  /** Go on after a person decided about the step that is held: false drops it, true sends it, as a new one unless a key is given. */
  function resume(again, key = newKey()) {
    const [first, ...rest] = steps;
    steps = again ? [{ ...first, key }, ...rest] : rest;
    [held, asked] = [false, ""];
    keep();
    run();
  }

  /** Steps that were made on a revision now stand on the one our own step made of it. */
  function rebase(from, to) {
    for (const step of steps) if (step.base === from) step.base = to;
    keep();
  }

  /** Without a step: whether the next one would be taken. */
  async function look() {
    if (sending || held) return;
    const found = await ask();
    trouble = found === "me" ? "" : found;
    tell();
    run();
  }

  /** More said about the step that is first. */
  function change(fields) {
    steps = [{ ...steps[0], ...fields }, ...steps.slice(1)];
  }

  return { add, run, look, resume, change, rebase, trouble: () => trouble, steps: () => steps.slice(), isIdle: () => !steps.length };
}
