// The foot of the board: how much of the village is planned, what is still open, and handing the drawing in.
import { el, fill, on } from "../lib/dom.js";
import { area, number } from "../lib/format.js";
import { postJson } from "../lib/request.js";
import { t } from "../lib/words.js";

const LEAST = 0.5; // m²: what is below is rounding

export function totalsFoot(board, root, options) {
  const figures = root.querySelector("[data-totals]");
  const form = root.querySelector("[data-hand-in]");
  const error = root.querySelector("[data-hand-in-error]");

  const button = (text, more, onclick) => el("button", { type: "button", class: "btn btn-link btn-sm", onclick }, text, el("span", { class: "visually-hidden" }, `: ${more}`));
  const open = (text, ...buttons) => el("span", { class: "board-open" }, text, " ", ...buttons);

  const nowhere = (text) => open(text, button(t("Show on the map"), text, board.showUnfilled), board.isOpen && button(t("Give it a class"), text, board.panel.fillRest));
  const bare = (text) => open(text, button(t("Show on the map"), text, board.showNoClass));

  function show() {
    const { totals } = board.state;
    if (!totals) return;
    const parts = [el("span", {}, t("%(zones)s zones, %(area)s of %(village)s", { zones: totals.zones, area: area(totals.area_m2), village: area(totals.village_m2) }))];
    if (totals.unfilled_m2 >= LEAST) parts.push(nowhere(t("%(m2)s m² are in no zone", { m2: number(totals.unfilled_m2, 0) })));
    if (totals.overlap_m2 >= LEAST) parts.push(open(t("%(m2)s m² lie in two zones", { m2: number(totals.overlap_m2, 0) })));
    if (totals.outside_m2 >= LEAST) parts.push(open(t("%(m2)s m² lie outside the village", { m2: number(totals.outside_m2, 0) })));
    if (totals.no_code) parts.push(bare(totals.no_code === 1 ? t("1 zone has no class") : t("%(count)s zones have no class", { count: totals.no_code })));
    if (parts.length === 1) parts.push(el("span", { class: "board-whole" }, t("The whole village is planned.")));
    fill(figures, parts);
  }

  async function handIn(checkOnly) {
    fill(error, []);
    if (!board.queue.isIdle()) {
      fill(error, [t("Steps are still waiting to be saved. Hand in when all of them are.")]);
      return;
    }
    const body = { revision: board.state.revision, note: form.elements.note.value.trim(), check_only: checkOnly };
    form.querySelectorAll("button").forEach((button) => (button.disabled = true));
    try {
      const answer = await postJson(options.hand_in, body, { timeout: 60000 });
      window.location.href = answer.url || options.upload.replace("{id}", answer.upload);
    } catch (failure) {
      fill(error, [failure.message]);
      form.querySelectorAll("button").forEach((button) => (button.disabled = false));
      error.focus();
    }
  }

  if (!form) return { show }; // handed in or put away: it can be looked at
  on(form, "submit", (event) => {
    event.preventDefault();
    handIn(false);
  });
  on(form.querySelector("[data-check-only]"), "click", () => handIn(true));
  return { show };
}
