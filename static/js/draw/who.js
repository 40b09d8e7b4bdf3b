// Who is signed in now, asked of the board's own page: a session may have ended, or another person have begun one.
import { BACKGROUND, getPage, takeToken } from "../lib/request.js";

/** "me", with the token that goes with the session of now; "signed_out"; "other". Throws what keeps the page from being read. */
export async function whoNow({ me }) {
  try {
    const page = await getPage(window.location.pathname, BACKGROUND);
    if (JSON.parse(page.getElementById("draw-options").textContent).me !== me) return "other";
    takeToken(page);
    return "me";
  } catch (error) {
    if (error.status === 401) return "signed_out";
    throw error;
  }
}
