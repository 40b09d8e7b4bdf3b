// The photos of a comment on their way: one after the other, tried again when the line is back, taken out when somebody says so.
// It knows nothing of the page; `tell(photo)` is called whenever one of them changed.

/** States of a photo: "waiting", "shrinking", "sending" (share 0..1), "sent" (id), "lost" (may be tried again), "refused" (message), "gone". */
export function photoQueue({ most, prepare, send, drop, describe, tell }) {
  let photos = [];
  let turn = Promise.resolve();
  let number = 0;

  const change = (photo, changes) => tell(Object.assign(photo, changes));
  const there = (photo) => photos.includes(photo);

  async function work(photo) {
    if (!there(photo)) return;
    try {
      if (!photo.blob) {
        change(photo, { state: "shrinking" });
        photo.blob = await prepare(photo.file);
      }
      if (!there(photo)) return;
      change(photo, { state: "sending", share: 0 });
      const kept = await send(photo.blob, photo.words, (share) => there(photo) && change(photo, { share }));
      if (!there(photo)) {
        drop(kept.id).catch(() => {}); // taken out while it was on its way; what stays is swept after a day
        return;
      }
      const known = photos.some((other) => other !== photo && other.id === kept.id);
      if (known) return void remove(photo); // the same photo twice
      const said = photo.words;
      change(photo, { state: "sent", ...kept, words: said });
      if (said !== kept.words) save(photo);
    } catch (error) {
      if (there(photo)) change(photo, { state: passes(error) ? "lost" : "refused", message: error.message });
    }
  }

  function enqueue(photo) {
    change(photo, { state: "waiting" });
    turn = turn.then(() => work(photo));
    return turn;
  }

  function save(photo) {
    turn = turn.then(() => describe(photo.id, photo.words).catch(() => {})); // the form carries the words as well
    return turn;
  }

  function remove(photo) {
    photos = photos.filter((other) => other !== photo);
    if (photo.id) drop(photo.id).catch(() => {});
    change(photo, { state: "gone" });
  }

  return {
    /** False: there are as many as a comment takes. */
    add(file) {
      if (photos.length >= most) return false;
      const photo = { key: (number += 1), file, words: "", state: "waiting" };
      photos.push(photo);
      enqueue(photo);
      return true;
    },
    /** One that the server has already: sent before the page was loaded again. */
    take(kept) {
      const photo = { key: (number += 1), state: "sent", ...kept };
      photos.push(photo);
      tell(photo);
    },
    say(photo, words) {
      photo.words = words;
      if (photo.state === "sent") save(photo);
    },
    remove,
    retry: (photo) => (photo.state === "lost" ? enqueue(photo) : turn),
    retryAll() {
      photos.filter((photo) => photo.state === "lost").forEach(enqueue);
    },
    /** Their comment was sent: they are not ours any more. */
    clear() {
      const gone = photos;
      photos = [];
      gone.forEach((photo) => change(photo, { state: "gone" }));
    },
    all: () => photos.slice(),
    ids: () => photos.filter((photo) => photo.state === "sent").map((photo) => photo.id),
    busy: () => photos.some((photo) => ["waiting", "shrinking", "sending"].includes(photo.state)),
    lost: () => photos.some((photo) => photo.state === "lost"),
    settled: () => turn,
  };
}

/** Worth another try: no answer, or a fault of the server that may pass. */
export function passes({ status = 0 }) {
  return status === 0 || status === 429 || status === 502 || status === 503 || status === 504;
}
