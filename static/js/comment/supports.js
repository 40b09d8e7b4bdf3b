// Supporting a comment without loading the page again; without scripts the same button is a plain form.
import { on } from "../lib/dom.js";
import { csrfToken, errorOf, postJson } from "../lib/request.js";
import { t } from "../lib/words.js";

/** “12 people support it (3 more whose identities are not confirmed)”, or nothing. */
export function countWords({ count, unconfirmed }) {
  const known = count === 1 ? t("1 person supports it") : t("%(count)s people support it", { count });
  const others = unconfirmed === 1 ? t("(1 more whose identity is not confirmed)") : t("(%(count)s more whose identities are not confirmed)", { count: unconfirmed });
  return [count && known, unconfirmed && others].filter(Boolean).join(" ");
}

async function takeBack(address) {
  const response = await fetch(address, { method: "DELETE", credentials: "same-origin", headers: { Accept: "application/json", "X-CSRFToken": csrfToken(), "Accept-Language": document.documentElement.lang } });
  const body = await response.json();
  if (!response.ok) throw errorOf(response.status, body);
  return body;
}

/** Every support button of a list, also of those that come later. */
export function mountSupports(list) {
  on(list, "submit", async (event) => {
    const form = event.target.closest("form[data-support]");
    if (!form) return;
    event.preventDefault();
    delete form.dataset.sent; // pages/site.js lets a form be sent once
    const [button, label, count] = ["button", "[data-support-button]", "[data-support-count]"].map((selector) => form.querySelector(selector));
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true"); // it keeps the focus
    const mine = form.dataset.mine === "yes";
    try {
      const { supports } = mine ? await takeBack(form.dataset.support) : await postJson(form.dataset.support);
      form.dataset.mine = supports.mine ? "yes" : "no";
      form.elements.wanted.value = supports.mine ? "no" : "yes";
      label.textContent = supports.mine ? t("Take my support back") : t("I support this");
      button.classList.toggle("btn-primary", supports.mine);
      button.classList.toggle("btn-outline-primary", !supports.mine);
      form.closest("article").dataset.supports = supports.count;
      count.textContent = countWords(supports);
    } catch (error) {
      count.textContent = error.message || t("The portal does not answer. Check the connection and try again.");
    }
    button.removeAttribute("aria-disabled");
  });
}
