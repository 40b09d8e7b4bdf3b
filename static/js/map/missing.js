// Tiles that did not come, and asking for them again. Knows nothing of maps, so that it can be tested alone.

/** Tiles that did not come: they are asked for again a few times, when others come, and when the line is back.
 * `inView()` is the set of tiles that the map shows: nobody waits for any other. */
export function missingTiles({ onChange, again, inView, wait = setTimeout, pauses = [3000, 8000, 20000] }) {
  const names = new Set();
  let tries = 0;
  let waiting = false;

  function retry() {
    if (waiting || tries >= pauses.length) return;
    waiting = true;
    wait(() => {
      waiting = false;
      if (names.size) again();
    }, pauses[tries]);
    tries += 1;
  }

  return {
    failed(name) {
      if (!inView().has(name)) return;
      names.add(name);
      onChange(names.size);
      retry();
    },
    came(name) {
      tries = 0; // the line holds
      const last = names.delete(name) && !names.size;
      if (last) onChange(0);
      else if (names.size) retry();
    },
    /** The map shows other tiles now. */
    moved() {
      if (!names.size) return;
      const shown = inView();
      names.forEach((name) => shown.has(name) || names.delete(name));
      if (!names.size) onChange(0);
    },
    online() {
      tries = 0;
      if (names.size) again();
    },
  };
}
