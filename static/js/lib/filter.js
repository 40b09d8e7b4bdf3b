// Whether a row fits what was typed: every word must begin a word of the row or stand inside a Chinese one; digits match whole beginnings.

export function fits(row, typed) {
  const words = row.toLowerCase().split(/\s+/);
  const wanted = typed.toLowerCase().trim().split(/\s+/).filter(Boolean);
  return wanted.every((part) => words.some((word) => (/^\d+$/.test(part) ? word.startsWith(part) : word.includes(part))));
}
