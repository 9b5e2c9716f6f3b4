// The catalogue of texts, and numbers in words that may stand on a wall: whole futures in a hundred, nothing finer than the error.

let words = {};
let spare = {};

export async function load(language) {
  const get = async (name) => (await fetch(`texts/${name}.json`)).json();
  spare = Object.keys(spare).length ? spare : await get("en");
  words = language === "en" ? spare : await get(language);
  document.documentElement.lang = language;
}

export function t(key, values = {}) {
  const text = words[key] ?? spare[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

const FEWEST = 10;

// A share as whole futures in a hundred: 6, <1, >99.
export function hundred(share) {
  if (share === null || !Number.isFinite(share)) return t("unknown");
  if (share < 0.01) return "<1";
  if (share > 0.99) return ">99";
  return String(Math.round(100 * share));
}

// A share for a sentence: "about 6 in 100 futures".
export function frequency(share) {
  if (share === null || !Number.isFinite(share)) return t("unknown");
  if (share < 0.01) return t("fewer_than_one");
  if (share > 0.99) return t("more_than_99");
  return t("about_in_100", { n: Math.round(100 * share) });
}

export function digits(value, other = 0) {
  if (value === null || !Number.isFinite(value)) return t("unknown");
  const largest = Math.max(Math.abs(value), Math.abs(other));
  const places = largest === 0 ? 0 : Math.max(0, Math.min(4, 1 - Math.floor(Math.log10(largest))));
  return value.toFixed(places).replace("-", "−");
}

// A level with its range, for a cell: "20 (9–37)"; "too few to say" below ten hits either way.
export function level(item, figure) {
  if (item.share) {
    if (figure.hits >= 0 && figure.hits < FEWEST && !figure.moved) return figure.mean < 0.5 ? t("too_few") : t("nearly_all");
    if (figure.error > 0.5 * figure.mean && figure.hits < 0) return t("not_settled");
    const ends = figure.low === null ? "" : ` (${hundred(figure.low)}–${hundred(figure.high)})`;
    return hundred(figure.mean) + ends;
  }
  const ends = figure.low === null ? "" : ` (${digits(figure.low, figure.high)}–${digits(figure.high, figure.low)})`;
  return digits(figure.mean, figure.high ?? 0) + ends;
}

// A paired difference, only where its interval holds no zero: "−4 (2–6)"; a middle dot otherwise.
export function difference(item, figure) {
  if (!figure.told) return "·";
  const sign = figure.d > 0 ? "+" : "−";
  if (item.share) return sign + hundred(Math.abs(figure.d));
  return sign + digits(Math.abs(figure.d));
}

export function listing(names) {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} ${t("and")} ${names[names.length - 1]}`;
}

export function number(n) {
  return t(`n${n}`) === `n${n}` ? String(n) : t(`n${n}`);
}
