// A file sent in pieces (tus): goes on after a broken line, a closed tab, another day. What the page shows is the page's matter.
import { defaultOptions, Upload } from "tus-js-client";
import { csrfToken, stillSignedIn } from "./request.js";

const DELAYS = [500, 1000, 3000, 5000, 10000, 20000, 30000, 30000]; // then it waits for a person, or for the line to come back
const STALLED = 45000; // a line that is dead without saying so
const LARGEST_DIGEST = 300 * 1024 * 1024; // the browser takes the whole file into memory for it

/** The same file with the same choices: only then may it go on where it stopped. */
export function fingerprintOf(file, { sha256, again, based_on, ...said }) {
  const choices = Object.keys(said).sort().map((name) => `${name}=${said[name] || ""}`);
  return ["plan", file.name, file.size, file.lastModified, ...choices].join("|");
}

/** Upload-Metadata: what was said, without the empty fields. */
export const metadataOf = (file, said) => Object.fromEntries(Object.entries({ filename: file.name, ...said }).filter(([, value]) => value));

export const statusOf = (error) => (error.originalResponse ? error.originalResponse.getStatus() : 0);

/** The portal's error body, or null when the answer is no JSON or there is none. */
export function bodyOf(error) {
  try {
    return JSON.parse(error.originalResponse.getBody());
  } catch (wrong) {
    return null;
  }
}

/** Worth another try without a person: no answer, a fault of the server, a piece that crossed with another. */
export function passes(error) {
  const status = statusOf(error);
  if (status === 409) return !(bodyOf(error) && bodyOf(error).error.code === "known");
  return status === 0 || status === 423 || status === 429 || (status >= 500 && status !== 507);
}

/** SHA-256 of a file in hex; "" where the browser has no cryptography (plain http) or the file is too large for it. */
export async function sha256Of(file, subtle = globalThis.crypto && globalThis.crypto.subtle) {
  if (!subtle || file.size > LARGEST_DIGEST) return "";
  try {
    const digest = await subtle.digest("SHA-256", await file.arrayBuffer());
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  } catch (error) {
    return ""; // not enough memory: the server computes it in any case
  }
}

/** Uploads this browser began and did not end, newest first: {uploadUrl, size, metadata, creationTime, urlStorageKey}. */
export async function begun(storage = defaultOptions.urlStorage) {
  const found = await storage.findAllUploads();
  return found.filter((row) => row.uploadUrl && row.metadata && row.metadata.village).sort((a, b) => new Date(b.creationTime) - new Date(a.creationTime));
}

export const forget = (row, storage = defaultOptions.urlStorage) => storage.removeUpload(row.urlStorageKey);

/** Whether a stored upload is of this file with these choices. */
export const isOf = (row, file, said) => row.urlStorageKey.startsWith(`tus::${fingerprintOf(file, said)}::`);

/** A session that ended, or another one with another token: to be looked at before it is taken for an answer. */
const isRefusal = (error) => [401, 403, 404].includes(statusOf(error));

/** Send a file. tell(state, detail): "sending" {sent, total}, "waiting", "lost", "signed_out", "failed" error, "done" url.
 *  Returns {start(), pause(), discard()}; start() also goes on after pause(), "lost" and "signed_out". */
export function sender(file, said, { endpoint, chunkSize, language }, tell) {
  let moved = Date.now();
  let [ended, doubted] = [false, false];
  let guard = null;
  const upload = new Upload(file, {
    endpoint,
    chunkSize,
    metadata: metadataOf(file, said),
    retryDelays: DELAYS,
    removeFingerprintOnSuccess: true,
    fingerprint: () => Promise.resolve(fingerprintOf(file, said)),
    async onBeforeRequest(request) {
      moved = Date.now();
      if (request.getMethod() === "HEAD") {
        ended = !(await stillSignedIn());
        if (ended) throw new Error("signed out"); // it would be told that there is no such file, and would forget how far it came
      }
      request.setHeader("X-CSRFToken", csrfToken());
      request.setHeader("Accept-Language", language);
    },
    onProgress(sent, total) {
      moved = Date.now();
      doubted = false;
      tell("sending", { sent, total });
    },
    onShouldRetry(error) {
      if (ended || (!passes(error) && (!upload.url || doubted || !isRefusal(error)))) return false;
      doubted = isRefusal(error);
      tell("waiting");
      return true;
    },
    onError(error) {
      clearInterval(guard); // no abort(): it would wipe the answer out of the request, status and words
      tell(ended ? "signed_out" : passes(error) ? "lost" : "failed", error);
    },
    onSuccess() {
      stop();
      tell("done", upload.url);
    },
  });

  function stop() {
    clearInterval(guard);
    return upload.abort();
  }

  function start() {
    moved = Date.now();
    clearInterval(guard);
    guard = setInterval(() => {
      if (Date.now() - moved < STALLED) return;
      upload.abort();
      tell("waiting");
      start();
    }, 5000);
    upload.start();
  }

  return {
    async start() {
      const rows = upload.url || said.again ? [] : await upload.findPreviousUploads();
      if (rows.length) upload.resumeFromPreviousUpload(rows[0]);
      start();
    },
    pause: stop,
    discard() {
      clearInterval(guard);
      return upload.abort(true);
    },
  };
}
