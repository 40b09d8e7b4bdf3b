// One tab draws at a time: two would share what waits to be sent, and send it twice. A browser without locks lets each draw.
const PATIENCE = 1500; // ms: a page that was just left gives its lock back late

/** Whether this page has the name for itself, for as long as it is open. */
export function claim(name, locks = navigator.locks) {
  if (!locks) return Promise.resolve(true);
  return new Promise((tell) => {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), PATIENCE);
    const hold = () => {
      clearTimeout(timer);
      tell(true);
      return new Promise(() => {}); // never: the browser takes it back when the page goes
    };
    locks.request(name, { signal: giveUp.signal }, hold).catch(() => tell(false));
  });
}
