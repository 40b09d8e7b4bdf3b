// The draft of a comment, kept on this device until the server has it: per version and per account, so that on a shared phone
// nobody sees or sends what another one wrote.

export const keyOf = (version, person) => `comment-draft:${version}:${person}`;

/** What a draft holds; whatever else stands in the storage is left out. `wanted`: somebody pressed “send”, and it is not there yet. */
const FIELDS = { text: "", about: "plan", zone: "", project: "", lon: "", lat: "", shape: "", once: "", wanted: false };

export function cleaned(found) {
  const draft = {};
  for (const [name, empty] of Object.entries(FIELDS)) draft[name] = found && typeof found[name] === typeof empty ? found[name] : empty;
  return draft;
}

/** Nothing that somebody would miss. */
export const isEmpty = ({ text, lon, shape, zone, project, wanted }) => !text.trim() && !lon && !shape && !zone && !project && !wanted;

/** draftStore(name, localStorage): read() -> draft or null, save(draft), clear(). Without a storage the draft lives as long as the page. */
export function draftStore(name, storage) {
  let kept = null;

  function read() {
    try {
      kept = JSON.parse(storage.getItem(name)) || kept;
    } catch (error) {
      // no storage, or something else stands there
    }
    return kept ? cleaned(kept) : null;
  }

  function save(draft) {
    kept = cleaned(draft);
    if (isEmpty(kept)) {
      clear();
      return;
    }
    try {
      storage.setItem(name, JSON.stringify(kept));
    } catch (error) {
      // full or forbidden
    }
  }

  function clear() {
    kept = null;
    try {
      storage.removeItem(name);
    } catch (error) {
      // forbidden
    }
  }

  return { read, save, clear };
}

/** The body of the API for a draft; only what it is about goes along, whatever was chosen before. */
export function bodyOf({ text, about, zone, project, lon, lat, shape, once }, photos = []) {
  const body = { text: text.trim(), once };
  if ((about === "zone" || about === "place") && zone) body.zone = Number(zone);
  if (about === "project" && project) body.project = Number(project);
  if (about === "place" && lon && lat) Object.assign(body, { lon: Number(lon), lat: Number(lat) });
  if (about === "area" && shape) body.shape = JSON.parse(shape);
  if (photos.length) body.photos = photos;
  return body;
}
