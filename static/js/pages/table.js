// What became of a table: watches the job and loads the page again when it ends.
import { lookAgain } from "../lib/again.js";
import { on } from "../lib/dom.js";
import { showJob } from "../lib/progress.js";

const RELOAD = 4000; // whoever may not ask for the job looks again

const watched = document.querySelector("[data-job]");
if (watched) {
  const stop = showJob(watched, () => window.location.reload());
  on(window, "beforeunload", stop);
}
lookAgain("[data-reload]", RELOAD);
