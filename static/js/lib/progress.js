// Watching a Job: asks, waits a little longer each time, tells every change, ends with the job.
import { fill } from "./dom.js";
import { BACKGROUND, getJson } from "./request.js";
import { t } from "./words.js";

export const PAUSES = [500, 800, 1200, 2000, 3000];
const STALE = 180000;

export const pauseAfter = (asked) => PAUSES[Math.min(asked, PAUSES.length - 1)];

/** watchJob("/jobs/<id>/", {onChange(job), onDone(job), onError(error)}) -> stop(). A failed question is asked again. */
export function watchJob(url, { onChange, onDone, onError, ask = (from) => getJson(from, BACKGROUND), wait = setTimeout, now = Date.now } = {}) {
  let asked = 0;
  let stopped = false;
  let last = "";
  let heard = now();

  async function step() {
    if (stopped) return;
    try {
      const job = await ask(url);
      if (stopped) return;
      const seen = JSON.stringify([job.state, job.percent, job.message]);
      if (seen !== last) {
        heard = now();
        asked = 0;
      }
      last = seen;
      if (onChange) onChange(job, now() - heard > STALE);
      if (job.final) {
        if (onDone) onDone(job);
        return;
      }
    } catch (error) {
      if (onError) onError(error);
      if (error.status === 404 || error.status === 403) return;
    }
    wait(step, pauseAfter(asked));
    asked += 1;
  }

  step();
  return () => {
    stopped = true;
  };
}

/** Fill the box of templates/includes/job_progress.html until the job ends; onDone(job) then decides what the page does. */
export function showJob(box, onDone) {
  const part = (name) => box.querySelector(`[data-job-${name}]`);
  return watchJob(box.dataset.job, {
    onChange(job, stale) {
      part("bar").value = job.percent;
      fill(part("state"), [job.state_text]);
      fill(part("message"), [stale ? t("Nothing was heard of this work for a while. It goes on; load the page again later.") : job.message]);
    },
    onError(error) {
      fill(part("message"), [error.message]);
    },
    onDone(job) {
      const cancel = part("cancel-form");
      if (cancel) cancel.hidden = true;
      if (onDone) onDone(job);
    },
  });
}
