// The one way to the server: errors become words, the CSRF token goes along, nothing waits for ever.
import { t } from "./words.js";

export class RequestError extends Error {
  /** `code` and `data` are those of the portal's error shape {"error": {"code", "message", "data"?}}; status 0: no answer. */
  constructor(message, { status = 0, code = "", data = {} } = {}) {
    super(message);
    this.name = "RequestError";
    this.status = status;
    this.code = code;
    this.data = data;
  }
}

export function csrfToken() {
  const match = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/);
  if (match) return decodeURIComponent(match[1]);
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  return field ? field.value : "";
}

/** What an error answer says in words, whatever its body is. */
export function errorOf(status, body) {
  const error = body && body.error;
  if (error && error.message) return new RequestError(error.message, { status, code: error.code, data: error.data || {} });
  const known = { 401: t("You may not do this."), 403: t("You may not do this."), 404: t("Not found.") };
  return new RequestError(known[status] || t("Something went wrong on our side (%(status)s).", { status }), { status });
}

/** The server answers scripts in the language of the page they stand on, not in that of the browser. */
const pageLanguage = () => (typeof document === "undefined" ? {} : { "Accept-Language": document.documentElement.lang });

/** Options of what a page asks by itself again and again: no sign that somebody is there (portal/sessions.py). */
export const BACKGROUND = { headers: { "X-Background": "1" } };

async function send(url, { timeout = 20000, signal, headers, ...options } = {}) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeout);
  if (signal) signal.addEventListener("abort", () => controller.abort());
  try {
    return await fetch(url, { credentials: "same-origin", headers: { ...pageLanguage(), ...headers }, ...options, signal: controller.signal });
  } catch (error) {
    if (signal && signal.aborted) throw error; // the caller gave it up
    if (error.name === "AbortError") throw new RequestError(t("The answer took too long. Try again."), { code: "timeout" });
    throw new RequestError(t("The portal does not answer. Check the connection and try again."), { code: "network" });
  } finally {
    clearTimeout(timer);
  }
}

async function json(url, options) {
  const response = await send(url, options);
  let body = null;
  try {
    body = await response.json();
  } catch (error) {
    if (response.ok) throw new RequestError(t("The answer could not be read. Try again."), { status: response.status });
  }
  if (!response.ok) throw errorOf(response.status, body);
  return body;
}

export const getJson = (url, { headers, ...options } = {}) => json(url, { headers: { Accept: "application/json", ...headers }, ...options });

export function postJson(url, data, options) {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  return json(url, { method: "POST", headers, body: JSON.stringify(data || {}), ...options });
}

const PATIENCE = 180000; // ms for one photo over a slow line

/** A form with a photo, or JSON as text; `onShare` hears how much of it was sent, which fetch does not tell. */
export function sendBody(method, url, body, onShare) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open(method, url);
    call.timeout = PATIENCE;
    const said = { Accept: "application/json", "X-CSRFToken": csrfToken(), ...pageLanguage() };
    Object.keys(said).forEach((name) => call.setRequestHeader(name, said[name]));
    if (typeof body === "string") call.setRequestHeader("Content-Type", "application/json");
    if (onShare) call.upload.addEventListener("progress", (event) => event.lengthComputable && onShare(event.loaded / event.total));
    call.addEventListener("load", () => {
      let answer = null;
      try {
        answer = call.responseText ? JSON.parse(call.responseText) : null;
      } catch (error) {
        answer = null;
      }
      if (call.status >= 200 && call.status < 300) resolve(answer);
      else reject(errorOf(call.status, answer));
    });
    call.addEventListener("error", () => reject(new RequestError(t("The portal does not answer. Check the connection and try again."), { code: "network" })));
    call.addEventListener("timeout", () => reject(new RequestError(t("The answer took too long. Try again."), { code: "timeout" })));
    call.send(body || null);
  });
}

/** A page of ours as a document. */
export async function getPage(url, options) {
  const response = await send(url, options);
  if (response.redirected) throw errorOf(401, null); // signed out meanwhile: the answer is the page to sign in
  if (!response.ok) throw errorOf(response.status, null);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** A part of a page as nodes: markup our own templates made. */
export const getPart = async (url, options) => Array.from((await getPage(url, options)).body.childNodes);

/** After signing in again in another tab the token of this page is old: it takes that of a page made now. */
export function takeToken(page) {
  const fresh = page.querySelector("input[name=csrfmiddlewaretoken]");
  if (fresh) document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => (field.value = fresh.value));
}

/** Whether one is still signed in, asked of this page, which strangers do not get; its new token is taken. */
export async function stillSignedIn() {
  try {
    takeToken(await getPage(window.location.href, BACKGROUND));
  } catch (error) {
    return error.status !== 401; // a line that broke says nothing about it
  }
  return true;
}

/** Bytes of a tile, or null when there is none (204). */
export async function getBytes(url, options) {
  const response = await send(url, options);
  if (response.status === 204) return null;
  if (!response.ok) throw errorOf(response.status, null);
  return response.arrayBuffer();
}
