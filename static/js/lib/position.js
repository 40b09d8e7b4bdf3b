// The device's position: asked for when somebody agreed, used once, kept nowhere.
import { on } from "./dom.js";

const PATIENCE = { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 };

/** A promise of the device's coordinates; WGS 84, which is CGCS2000 within a metre. Fails without words of its own. */
export function coordinates(device = navigator.geolocation) {
  return new Promise((resolve, reject) => {
    if (!device) reject(new Error("no device"));
    else device.getCurrentPosition(({ coords }) => resolve(coords), () => reject(new Error("no position")), PATIENCE);
  });
}

/** The form of templates/villages/includes/position.html: says what happens, asks, and sends the position in its body. */
export function mountPosition(form, device = navigator.geolocation) {
  if (!form) return;
  const part = (name) => form.querySelector(`[data-position-${name}]`);
  const [ask, words, status] = [part("ask"), part("words"), part("status")];
  const open = (shown) => {
    words.hidden = !shown;
    ask.setAttribute("aria-expanded", String(shown));
  };
  on(ask, "click", () => {
    open(words.hidden);
    status.textContent = "";
    if (!words.hidden) part("yes").focus();
  });
  on(part("no"), "click", () => {
    open(false);
    ask.focus();
  });
  on(part("yes"), "click", async () => {
    open(false);
    status.textContent = form.dataset.wordLooking;
    try {
      const { longitude, latitude } = await coordinates(device);
      form.elements.lon.value = longitude.toFixed(6);
      form.elements.lat.value = latitude.toFixed(6);
      form.submit();
    } catch (error) {
      status.textContent = form.dataset.wordDenied;
      ask.focus();
    }
  });
  // what the way back brings out of the browser's memory holds no position
  on(window, "pageshow", () => {
    form.elements.lon.value = form.elements.lat.value = status.textContent = "";
  });
}
