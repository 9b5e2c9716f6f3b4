// One sentence on what changed, from paired differences; nothing is said where the interval holds zero.

import { t, listing, number } from "./texts.js";

const quote = (figures, id) => `“${figures.room.byid.get(id).argument}”`;

// The first of the five outcomes that any shown theory tells apart; what else moved most clearly is named beside it.
export function sentence(figures, theories, words) {
  if (!figures.moved || !figures.answer) return "";
  const counts = words.map((word) => ({ word, ...figures.count(theories, word.item) }));
  const lead = counts.find((c) => c.more.length || c.fewer.length);
  if (!lead) return t("nothing_told", { n: number(theories.length) });
  const said = [clause(figures, lead, theories)];
  const other = counts.filter((c) => c !== lead && (c.more.length || c.fewer.length)).sort((a, b) => weight(b) - weight(a))[0];
  if (other) said.push(beside(figures, other, theories));
  return said.join(" ");
}

const weight = (c) => Math.max(c.more.length, c.fewer.length);

function clause(figures, c, theories) {
  const item = figures.item(c.word.item);
  const ways = [["fewer", c.fewer], ["more", c.more]].filter(([, ids]) => ids.length).sort((a, b) => b[1].length - a[1].length);
  const [way, ids] = ways[0];
  const parts = [t(item.share ? `says_${way}_share` : `says_${way}`, { n: number(ids.length), of: number(theories.length), what: phrase(item) })];
  if (ways[1]) parts.push(t(ways[1][0] === "more" ? "but_more" : "but_fewer", { who: listing(ways[1][1].map((id) => quote(figures, id))) }));
  if (c.same.length && c.same.length < theories.length) parts.push(t("but_same", { who: listing(c.same.map((id) => quote(figures, id))) }));
  return `${parts.join("; ")}.`;
}

function beside(figures, c, theories) {
  const item = figures.item(c.word.item), more = c.more.length >= c.fewer.length;
  return t(item.share ? (more ? "beside_more_share" : "beside_fewer_share") : more ? "beside_more" : "beside_fewer", { what: phrase(item), n: number(weight(c)), of: number(theories.length) });
}

export function phrase(item) {
  const said = t(`ph_${item.outcome}`) === `ph_${item.outcome}` ? item.phrase : t(`ph_${item.outcome}`);
  return item.of ? `${said} (${item.of})` : said;
}
