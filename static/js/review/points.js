// Conflicts put on the list of points of a return: remembered on this device while the list turns its pages.
import { el, fill, on } from "../lib/dom.js";

/** points(bench, version, {parts, list}) -> {toggle()}: of the current conflict. */
export function points(bench, version, { parts, list }) {
  const key = `points-${version}`;
  const boxes = () => Array.from(bench.querySelectorAll("[data-point]"));
  const chosen = new Set(read());

  function read() {
    try {
      return JSON.parse(window.sessionStorage.getItem(key)) || [];
    } catch (error) {
      return [];
    }
  }

  function show() {
    boxes().forEach((box) => (box.checked = chosen.has(box.value)));
    bench.querySelectorAll("[data-point-count]").forEach((count) => {
      count.hidden = !chosen.size;
      fill(count, [String(chosen.size)]);
    });
  }

  function keep() {
    try {
      window.sessionStorage.setItem(key, JSON.stringify(Array.from(chosen)));
    } catch (error) {
      // a browser that keeps nothing still sends what is on this page
    }
    show();
  }

  on(bench, "change", (event) => {
    const box = event.target.closest("[data-point]");
    if (!box) return;
    if (box.checked) chosen.add(box.value);
    else chosen.delete(box.value);
    keep();
  });
  on(bench, "submit", (event) => {
    const form = event.target;
    const goes = form.matches("[data-points-form]") || form.matches(".step--return");
    if (!goes) return;
    form.querySelectorAll("[data-carried]").forEach((field) => field.remove());
    const sent = form.matches("[data-points-form]") ? new Set(boxes().map((box) => box.value)) : new Set();
    for (const value of chosen) if (!sent.has(value)) form.append(el("input", { type: "hidden", name: "finding", value, "data-carried": true }));
  });
  parts.onLoad(show);
  show();
  return {
    toggle() {
      const box = list.current() && list.current().querySelector("[data-point]");
      if (box) box.click();
    },
  };
}
