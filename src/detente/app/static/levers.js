// The measures: one line each, a word for how much, who signs and whom it binds a click away.

import { button, dialog, el, say, set, table } from "./dom.js";
import { t } from "./texts.js";

const BANDS = ["none", "a_little", "half", "most", "whole"];
const band = (x) => (x === 0 ? BANDS[0] : x <= 0.3 ? BANDS[1] : x <= 0.65 ? BANDS[2] : x < 1 ? BANDS[3] : BANDS[4]);

export class Levers {
  constructor(room, box, onmove) {
    Object.assign(this, { room, box, onmove, rows: new Map() });
    this.more = el("div", { class: "more-levers" });
    const first = room.first.levers, rest = room.packages.map((p) => p.id).filter((id) => !first.includes(id));
    box.append(...first.map((id) => this.row(id)));
    if (rest.length) {
      this.more.append(...rest.map((id) => this.row(id)));
      box.append(el("details", {}, el("summary", {}, t("more_measures", { n: rest.length })), this.more));
    }
  }

  row(id) {
    const p = this.room.packages.find((found) => found.id === id);
    const range = el("input", { type: "range", min: 0, max: 1, step: 0.05, value: 0, id: `lever-${id}`, "data-lever": id });
    const word = el("output", { for: range.id });
    range.addEventListener("input", (event) => this.onmove(id, Number(range.value), event.timeStamp));
    const row = el("div", { class: "lever" }, el("label", { for: range.id }, p.label), word, range, button("…", () => card(p), { "aria-label": t("about", { name: p.label }), class: "card" }));
    this.rows.set(id, { row, range, word });
    return row;
  }

  show(levers) {
    for (const [id, { row, range, word }] of this.rows) {
      const x = levers[id] ?? 0;
      if (Number(range.value) !== x) range.value = x;
      say(word, t(band(x)));
      set(range, { "aria-valuetext": `${Math.round(100 * x)} %, ${t(band(x))}` });
      set(row, { class: x > 0 ? "lever pulled" : "lever" });
    }
  }
}

// Who proposed it, who signs, whom it binds without a signature, what unravels it, its measures.
export function card(p) {
  const rows = p.levers.map((u) => [u.lever, u.on, `${u.effect[0]}–${u.effect[1]}`, u.from, u.note]);
  dialog(p.label, t("close"),
    el("p", {}, p.note),
    el("dl", {},
      el("dt", {}, t("proposed_by")), el("dd", {}, p.proposer),
      el("dt", {}, t("must_sign")), el("dd", {}, p.required || t("nobody")),
      el("dt", {}, t("binds_without")), el("dd", { class: "bound" }, p.bound || t("nobody")),
      el("dt", {}, t("unravels")), el("dd", {}, p.unravels)),
    table(t("whole_package"), [t("measure"), t("on"), t("effect_range"), t("from_when"), t("note")], rows));
}
