// One sentence on what changed, from paired differences; nothing is said where the interval holds zero.

import { t, listing, number } from "./texts.js";

const quote = (figures, id) => `“${figures.room.byid.get(id).argument}”`;

// The first of the five outcomes that any shown theory tells apart; what else moved most clearly is named beside it.
export function sentence(figures, theories, words) {
  if (!figures.moved || !figures.answer) return "";
  const counts = words.map((word) => ({ word, ...figures.count(theories, word.item) }));
  const lead = counts.find((c) => c.more.length || c.fewer.length);
  if (!lead) return t("nothing_told", { n: number(theories.length) });
  const said = [clause(figures, lead, theories, reasons(figures, lead.word.item))];
  const other = counts.filter((c) => c !== lead && (c.more.length || c.fewer.length)).sort((a, b) => weight(b) - weight(a))[0];
  if (other) said.push(beside(figures, other, theories));
  return said.join(" ");
}

const weight = (c) => Math.max(c.more.length, c.fewer.length);

// What was found out about why, once all of it is there and of this very move and outcome.
function reasons(figures, item) {
  const { why, answer } = figures;
  return why?.done && why.move === answer.move && why.item === item ? why.causes : {};
}

// ", because of A (under two) and B (under one)": what most readings with this change have in common, "in part" where less than half of it
// goes with a cause; nothing where no reading has one.
function because(ids, causes) {
  const by = new Map();
  for (const id of ids) if (causes[id]?.carries) by.set(causes[id].mechanism, (by.get(causes[id].mechanism) ?? 0) + 1);
  const named = [...by].sort((a, b) => b[1] - a[1]).slice(0, 2);
  if (!named.length) return "";
  const whole = ids.every((id) => !causes[id]?.carries || causes[id].share >= 0.5);
  return `, ${t(whole ? "because_of" : "partly_because_of", { what: listing(named.map(([m, n]) => (n === ids.length ? mechanism(m) : t("because_under", { what: mechanism(m), n: number(n) })))) })}`;
}

// Readings without the change, and what stands in its way: those with the same reason are named together.
function still(key, ids, figures, causes) {
  const by = new Map();
  for (const id of ids) { const m = causes[id] && !causes[id].carries ? causes[id].mechanism : ""; by.set(m, [...(by.get(m) ?? []), id]); }
  return [...by].map(([m, some]) => t(key, { who: listing(some.map((id) => quote(figures, id))) }) + (m ? `, ${t("stands_in_way", { what: mechanism(m) })}` : ""));
}

export function mechanism(name) {
  return t(`mech_${name}`) === `mech_${name}` ? name.replaceAll("_", " ") : t(`mech_${name}`);
}

function clause(figures, c, theories, causes) {
  const item = figures.item(c.word.item);
  const ways = [["fewer", c.fewer], ["more", c.more]].filter(([, ids]) => ids.length).sort((a, b) => b[1].length - a[1].length);
  const [way, ids] = ways[0];
  const parts = [t(item.share ? `says_${way}_share` : `says_${way}`, { n: number(ids.length), of: number(theories.length), what: phrase(item) }) + because(ids, causes)];
  if (ways[1]) parts.push(t(ways[1][0] === "more" ? "but_more" : "but_fewer", { who: listing(ways[1][1].map((id) => quote(figures, id))) }) + because(ways[1][1], causes));
  if (c.same.length && c.same.length < theories.length) parts.push(...still("but_same", c.same, figures, causes));
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
