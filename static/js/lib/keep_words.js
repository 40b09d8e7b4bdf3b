// What somebody typed into a form stays on this device until the server has it: through a lost line, a closed tab, another
// button of the same page. Per page and account; on a shared machine nobody sees what another one typed.
import { on } from "./dom.js";

const SKIPPED = ["file", "submit", "button", "reset"];
const isKept = ({ name, type }) => name && name !== "csrfmiddlewaretoken" && !SKIPPED.includes(type);

/** wordsStore(localStorage): read(name) -> {field: value} or null, save(name, values), clear(name), names(beginning). */
export function wordsStore(storage) {
  const quiet = (action, otherwise) => {
    try {
      return action();
    } catch (error) {
      return otherwise; // no storage, full, forbidden, or something else stands there
    }
  };
  return {
    read: (name) => quiet(() => JSON.parse(storage.getItem(name)), null),
    save: (name, values) => quiet(() => storage.setItem(name, JSON.stringify(values))),
    clear: (name) => quiet(() => storage.removeItem(name)),
    names: (beginning) => quiet(() => Object.keys(storage).filter((name) => name.startsWith(beginning)), []),
  };
}

/** The values of the fields of a form; of radio buttons the chosen one. */
export function valuesOf(fields) {
  const values = {};
  for (const field of Array.from(fields).filter(isKept)) {
    if (field.type === "radio" || field.type === "checkbox") {
      if (field.checked) values[field.name] = field.value;
    } else values[field.name] = field.value;
  }
  return values;
}

export function putBack(fields, values) {
  for (const field of Array.from(fields).filter(isKept)) {
    if (!(field.name in values)) continue;
    if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === values[field.name];
    else field.value = values[field.name];
  }
}

/**
 * Keep what is typed into `form` under `name`; it is worth keeping as soon as one of the fields that `isTyped` names says
 * something. Puts back what is there already, and answers whether that was so.
 */
export function keepWords(form, name, isTyped, storage = window.localStorage) {
  const store = wordsStore(storage);
  const found = store.read(name);
  if (found) putBack(form.elements, found);

  function keep() {
    const values = valuesOf(form.elements);
    if (Object.keys(values).some((field) => isTyped(field) && values[field].trim())) store.save(name, values);
    else store.clear(name);
  }

  on(form, "input", keep);
  on(form, "change", keep);
  return Boolean(found);
}
