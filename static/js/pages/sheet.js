// Printed maps: the form shows the zone's number only where it is asked for; the page of a sheet waits for its file.
import { on } from "../lib/dom.js";
import { showJob } from "../lib/progress.js";

const zone = document.querySelector("[data-sheet-zone]");
if (zone) {
  const what = document.querySelectorAll('input[name="what"]');
  const show = () => (zone.hidden = ![...what].some((radio) => radio.checked && radio.value === "zone"));
  what.forEach((radio) => on(radio, "change", show));
  show();
}

const watched = document.querySelector("[data-sheet-job]");
if (watched) {
  const stop = showJob(watched, () => window.location.reload());
  on(window, "beforeunload", stop);
}
