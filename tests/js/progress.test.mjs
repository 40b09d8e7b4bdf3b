import assert from "node:assert/strict";
import test from "node:test";
import { pauseAfter, PAUSES, watchJob } from "../../static/js/lib/progress.js";

const now = (run) => queueMicrotask(run);
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

test("pauses grow and then stay", () => assert.deepEqual([0, 99].map(pauseAfter), [PAUSES[0], PAUSES.at(-1)]));

test("a job is asked for until it ends, and told once", async () => {
  const jobs = [{ state: "running", percent: 10, final: false }, { state: "done", percent: 100, final: true }];
  const seen = [];
  let done = 0;
  watchJob("/jobs/x/", { ask: async () => jobs.shift(), wait: now, onChange: (job) => seen.push(job.percent), onDone: () => (done += 1) });
  await settle();
  assert.deepEqual([seen, done, jobs.length], [[10, 100], 1, 0]);
});

test("a failed question is asked again", async () => {
  let asked = 0;
  let done = false;
  const ask = async () => {
    asked += 1;
    if (asked === 1) throw new Error("no network");
    return { state: "done", percent: 100, final: true };
  };
  watchJob("/jobs/x/", { ask, wait: now, onError() {}, onDone: () => (done = true) });
  await settle();
  assert.ok(done && asked === 2);
});

test("a job that is not there is not asked for again", async () => {
  let asked = 0;
  watchJob("/jobs/x/", { ask: async () => { asked += 1; throw Object.assign(new Error("gone"), { status: 404 }); }, wait: now, onError() {} });
  await settle();
  assert.equal(asked, 1);
});

test("stopped, it asks no more", async () => {
  let asked = 0;
  const stop = watchJob("/jobs/x/", { ask: async () => { asked += 1; return { final: false }; }, wait: (run) => setTimeout(run, 2) });
  stop();
  await settle();
  assert.equal(asked, 1);
});
