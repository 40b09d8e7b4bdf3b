// Tiles that did not come, and asking for them again. Knows nothing of maps, so that it can be tested alone.

/** Tiles that did not come: they are asked for again a few times, and when the line is back. */
export function missingTiles({ onChange, again, wait = setTimeout, pauses = [3000, 8000, 20000] }) {
  const addresses = new Set();
  let tries = 0;
  let waiting = false;

  function retry() {
    if (waiting || tries >= pauses.length) return;
    waiting = true;
    wait(() => {
      waiting = false;
      if (addresses.size) again();
    }, pauses[tries]);
    tries += 1;
  }

  return {
    failed(address) {
      addresses.add(address);
      onChange(addresses.size);
      retry();
    },
    came(address) {
      if (!addresses.delete(address) || addresses.size) return;
      tries = 0;
      onChange(0);
    },
    online() {
      tries = 0;
      if (addresses.size) again();
    },
  };
}
