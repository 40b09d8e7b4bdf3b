// A page that waits for work it may not ask about by itself: its part is read anew now and then, and the page when that part is gone.
import { fill } from "./dom.js";
import { BACKGROUND, getPage } from "./request.js";

export function lookAgain(selector, pause) {
  const here = document.querySelector(selector);
  if (!here) return;

  async function look() {
    try {
      const there = (await getPage(window.location.href, BACKGROUND)).querySelector(selector);
      if (!there) {
        window.location.reload();
        return;
      }
      if (!here.contains(document.activeElement)) fill(here, Array.from(there.childNodes));
    } catch (error) {
      if ([401, 403, 404].includes(error.status)) {
        window.location.reload(); // the page itself says why it is not shown any more
        return;
      }
    }
    setTimeout(look, pause);
  }

  setTimeout(look, pause);
}
