// Words for people. The English text is the key; the page brings the translations (portal/browser_strings.py).

let words = null;

function load() {
  const node = typeof document === "undefined" ? null : document.getElementById("strings");
  return node ? JSON.parse(node.textContent) : {};
}

/** t("Zone %(number)s", {number: 3}) */
export function t(text, values) {
  if (words === null) words = load();
  const said = words[text] || text;
  return values ? fillIn(said, values) : said;
}

export function fillIn(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
