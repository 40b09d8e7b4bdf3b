// Words for people. The English text is the key; the page brings the translations (portal/browser_strings.py); a map with tools, the
// form of a comment and the drawing board bring their own besides (portal/map_strings.py, comment_strings.py, drawing_strings.py).

let words = null;

function load() {
  if (typeof document === "undefined") return {};
  const nodes = ["strings", "strings-map", "strings-comment", "strings-more"].map((id) => document.getElementById(id));
  return Object.assign({}, ...nodes.filter(Boolean).map((node) => JSON.parse(node.textContent)));
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
