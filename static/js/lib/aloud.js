// Reading aloud by the browser's own voice, where it has one.
import { fill, on } from "./dom.js";

const PAUSE = ". ";

/** What is read: headings and sentences as they are seen, each with a pause behind it. */
export function spoken(article) {
  const lines = article.querySelectorAll("h2, h3, .answer__badge p, .sentences li, .may");
  return Array.from(lines, (node) => node.textContent.trim().replace(/\s+/g, " ")).filter(Boolean);
}

export function mountAloud(button, article, voice = window.speechSynthesis) {
  if (!button || !article || !voice || !window.SpeechSynthesisUtterance) return;
  const label = button.querySelector("[data-text]");
  const words = label.textContent;
  let reading = false;
  const show = (now) => {
    reading = now;
    fill(label, [now ? button.dataset.wordStop : words]);
    button.setAttribute("aria-pressed", String(now));
  };
  button.hidden = false;
  show(false);
  on(button, "click", () => {
    voice.cancel();
    if (reading) {
      show(false);
      return;
    }
    const said = new window.SpeechSynthesisUtterance(spoken(article).join(PAUSE));
    said.lang = document.documentElement.lang === "en" ? "en-US" : "zh-CN";
    said.rate = 0.9;
    said.onend = said.onerror = () => show(false);
    show(true);
    voice.speak(said);
  });
  on(window, "pagehide", () => voice.cancel());
}
