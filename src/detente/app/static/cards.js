// The card of a figure: what it is, what each reading says, which parameters stand behind it, who said so; and a handle on every parameter.

import { button, dialog, el, say, set, table } from "./dom.js";
import { phrase } from "./sentence.js";
import { difference, digits, level, t } from "./texts.js";

let cards = null;
const load = async () => (cards ??= await (await fetch("cards.json")).json());

export async function figureCard(app, name, theory = "") {
  const data = await load(), { figures, state } = app, item = figures.item(name);
  const rows = state.theories.map((id) => {
    const f = figures.figure(id, name);
    return [figures.room.byid.get(id).argument, f ? level(item, { ...f, moved: false, mean: f.base, low: figures.bases.get(id).low[figures.place.get(name)], high: figures.bases.get(id).high[figures.place.get(name)] }) : t("not_yet"), f && figures.moved ? level(item, f) : "", f && figures.moved ? difference(item, f) : ""];
  });
  const names = data.questions[item.outcome] ?? [];
  const first = theory || state.theories[0];
  const box = dialog(phrase(item), t("close"),
    el("p", {}, `${item.meaning}. ${t("unit")}: ${item.unit}.`),
    table(item.share ? t("card_in_100") : t("card_mean"), [t("reading"), t("no_change_word_head"), t("with_measures"), t("difference")], rows),
    el("p", { class: "note" }, `${app.stamp()}. ${t("difference_note")} ${t("range_note")} ${app.room.foot}`),
    el("h3", {}, t("rests_on")), names.length ? null : el("p", {}, t("no_named")),
    ...names.map((p) => parameterBlock(app, data, p, first)));
  box.classList.add("card");
}

// One parameter: range, who said what, its sources, and a handle that holds it from the record's end on.
function parameterBlock(app, data, name, first) {
  const p = data.parameters[name];
  const said = Object.entries(p.said).flatMap(([id, rows]) => rows.map((r) => [app.room.byid.get(id).argument, `${r.range[0]}–${r.range[1]}${r.on.length ? ` (${r.on.map((x) => app.room.actors[x] ?? x).join(", ")})` : ""}`, `${r.confidence}${r.place ? `, ${r.place}` : ""}`, r.argument, r.claims.map((c) => data.claims[c] ? `${c}: ${data.claims[c]}` : c).join(" ")]));
  const sources = p.source.map((key) => data.sources[key] ?? t("assumed_source", { key })).join(" ");
  return el("details", { class: "parameter" }, el("summary", {}, `${p.meaning} (${p.unit})`),
    el("p", {}, t("baseline_range", { low: p.baseline[0], high: p.baseline[1] }), " ", sources, p.disputed ? ` ${t("disputed_by")} ${data.sources[p.disputed] ?? p.disputed}.` : "", ` ${t("mechanism")}: ${p.mechanism}; ${t("id")}: ${name}.`),
    said.length ? table(t("said_of_it"), [t("reading"), t("range"), t("confidence"), t("why"), t("claim")], said) : el("p", {}, t("nobody_spoke")),
    doubt(app, name, p, first));
}

// Doubt is a lever: the value is held from the end of the record on, under one reading, which is then marked as edited.
export function doubt(app, name, p, first) {
  const [low, high] = p.bounds;
  const to = (x) => (p.log ? low * (high / low) ** x : low + (high - low) * x), from = (v) => (p.log ? Math.log(v / low) / Math.log(high / low) : (v - low) / (high - low));
  const who = el("select", { "aria-label": t("under_which") }, app.state.theories.map((id) => el("option", { value: id, selected: id === first }, app.room.byid.get(id).argument)));
  const range = el("input", { type: "range", min: 0, max: 1, step: 0.02, value: 0.5, "aria-label": p.meaning, "data-held": name }), out = el("output");
  const show = () => { const v = app.state.held[who.value]?.[name]; set(range, { class: v === undefined ? "free" : "" }); if (v !== undefined) range.value = from(v); say(out, v === undefined ? t("free") : digits(v)); };
  range.addEventListener("input", (e) => { app.began = e.timeStamp; app.hold(who.value, name, Number(Math.min(high, Math.max(low, to(Number(range.value)))).toPrecision(4))); show(); });
  who.addEventListener("change", show);
  show();
  return el("p", { class: "doubt" }, el("strong", {}, t("doubt_it")), " ", t("doubt_note"), " ", who, range, out, button(t("release"), () => { app.hold(who.value, name, null); show(); }));
}

// All readings: which are shown, what each says, whose remarks it reads.
export async function readings(app) {
  const data = await load();
  const rows = app.room.theories.map((theory) => {
    const box = el("input", { type: "checkbox", id: `show-${theory.id}`, onchange: () => { const chosen = app.room.theories.map((x) => x.id).filter((id) => document.getElementById(`show-${id}`)?.checked); if (chosen.length) app.change({ theories: chosen }); else box.checked = true; } });
    box.checked = app.state.theories.includes(theory.id);
    const moved = Object.values(data.parameters).filter((p) => p.said[theory.id]);
    const held = Object.entries(app.state.held[theory.id] ?? {});
    return el("div", { class: "reading" }, box, el("label", { for: box.id }, theory.argument), el("p", {}, theory.sentence),
      el("p", { class: "holder" }, `${theory.holder}. ${t("reviewed")}: ${theory.reviewed}.`),
      held.length ? el("p", {}, `${t("edited")}: ${held.map(([p, v]) => `${data.parameters[p]?.meaning ?? p} = ${digits(v)}`).join("; ")}. ${app.doubted(theory.id)} `, button(t("release_all"), () => { const next = { ...app.state.held }; delete next[theory.id]; app.change({ held: next }); })) : null,
      el("details", {}, el("summary", {}, t("moves_n", { n: moved.length })), ...Object.entries(data.parameters).filter(([, p]) => p.said[theory.id]).map(([name]) => parameterBlock(app, data, name, theory.id))));
  });
  const names = el("input", { type: "checkbox", id: "names", onchange: () => app.look({ names: names.checked }) });
  names.checked = app.state.names;
  dialog(t("readings"), t("close"), el("p", {}, t("readings_note")), el("p", {}, names, " ", el("label", { for: "names" }, t("show_names"))), ...rows).classList.add("card");
}
