// The list of comments: another order or only what is not answered, at once and without asking the server.
import { on } from "../lib/dom.js";
import { t } from "../lib/words.js";
import { apart } from "./near.js";

const number = (row) => Number(row.dataset.number);

/** Rows of the list (elements, or objects with `dataset` and `at`) in an order; `near` is {lon, lat}. */
export function inOrder(rows, order, near = null) {
  const by = {
    oldest: (a, b) => number(a) - number(b),
    newest: (a, b) => number(b) - number(a),
    supported: (a, b) => Number(b.dataset.supports) - Number(a.dataset.supports) || number(a) - number(b),
    near: (a, b) => far(a) - far(b) || number(a) - number(b),
  };
  const far = (row) => (near && row.at ? apart(near, row.at) : Number.MAX_VALUE);
  return rows.slice().sort(by[order] || by.oldest);
}

/** commentOrder(form, list, pins): near(place) offers the order by distance to a place. */
export function commentOrder(form, list, pins) {
  if (!form || !list) return { near() {} };
  const { order, unanswered } = form.elements;
  const offer = order.querySelector("[value=near]");
  const said = form.querySelector("[data-comment-order-said]");
  let place = null;

  function show() {
    const places = new Map(pins.map((pin) => [`comment-${pin.id}`, pin]));
    const rows = Array.from(list.querySelectorAll("article"));
    for (const row of rows) row.at = places.get(row.id);
    if (!rows.length) return;
    const last = rows[rows.length - 1].nextSibling;
    for (const row of inOrder(rows, order.value, place)) {
      list.insertBefore(row, last);
      row.hidden = unanswered.checked && "answered" in row.dataset;
    }
    said.textContent = t("Comments shown: %(count)s", { count: rows.filter((row) => !row.hidden).length });
  }

  on(form, "change", (event) => {
    // the server left out what is answered: only it can bring it back
    const missing = event.target === unanswered && !unanswered.checked && new URLSearchParams(window.location.search).has("unanswered");
    if (missing || "paged" in list.dataset) form.submit();
    else show();
  });
  return {
    show,
    near(chosen) {
      if ("paged" in list.dataset) return; // what stands on other pages cannot be put in order here
      place = chosen;
      offer.hidden = offer.disabled = false;
    },
  };
}
