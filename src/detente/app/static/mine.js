// Your theory: fifteen statements in a shuffled order, what the answers move, what the record finds hardest in it; kept as an eighth reading.

import { button, download, el, say, set, table } from "./dom.js";
import { Z95 } from "./figures.js";
import { mechanism, phrase } from "./sentence.js";
import { digits, frequency, t } from "./texts.js";

const ORDER = "detente-order";

export class Mine {
  constructor(app) {
    Object.assign(this, { app, told: null, rows: null, apart: null, behind: "" });
    this.key = "mine";
    this.form = el("form", { class: "statements", onsubmit: (e) => e.preventDefault() });
    this.result = el("div", { class: "result", "aria-live": "polite" });
    this.node = el("div", { class: "mine" }, el("div", {}, el("h3", {}, t("your_theory")), el("p", { class: "note" }, t("mine_note")), this.form), this.result);
    this.order = this.shuffled();
    this.ask();
  }

  shuffled() {
    const ids = this.app.room.statements.map((s) => s.id), kept = JSON.parse(sessionStorage.getItem(ORDER) ?? "null");
    if (kept?.length === ids.length && kept.every((id) => ids.includes(id))) return kept;
    for (let k = ids.length - 1; k > 0; k -= 1) { const j = Math.floor(Math.random() * (k + 1)); [ids[k], ids[j]] = [ids[j], ids[k]]; }
    sessionStorage.setItem(ORDER, JSON.stringify(ids));
    return ids;
  }

  ask() {
    const names = ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7"];
    this.form.replaceChildren(...this.order.map((id) => {
      const s = this.app.room.statements.find((x) => x.id === id);
      const radios = names.map((name, value) => {
        const input = el("input", { type: "radio", name: `s${id}`, value, id: `s${id}-${value}`, onchange: () => this.answer(id, value) });
        input.checked = (this.app.answers()[id] ?? 0) === value;
        return el("label", { for: input.id, class: value ? "" : "unsure", title: t(`answer_${value}`) }, input, el("span", {}, value === 0 ? t("answer_0") : value === 1 || value === 7 ? t(`answer_${value}`) : String(value)));
      });
      return el("fieldset", {}, el("legend", {}, s.text), ...radios.slice(1), radios[0]);
    }));
  }

  answer(id, value) {
    const answers = this.app.answers();
    if (value) answers[id] = value; else delete answers[id];
    this.app.setAnswers(answers);
  }

  hear(message) {
    if (message.kind === "mine") this.told = message;
    else if (message.kind === "apart") this.apart = message;
    else if (message.kind === "behind") this.behind = message.text;
    else Object.assign(this, { rows: message.rows, untaught: message.untaught });
    if (message.stage === "weighing") Object.assign(this, { rows: null, apart: null, behind: "" });
    if (message.learnt) this.behind = "";
    this.show();
  }

  update(figures, state) {
    const key = JSON.stringify([state.mine, this.told, this.rows, this.apart, this.behind, state.theories.includes("mine")]);
    if (key !== this.shown) { this.shown = key; this.show(); for (const input of this.form.querySelectorAll("input")) { const [, id] = input.name.match(/^s(.+)$/); input.checked = (this.app.answers()[id] ?? 0) === Number(input.value); } }
  }

  show() {
    const { told } = this, answered = Object.keys(this.app.answers()).length;
    const open = el("input", { type: "file", accept: ".yaml,.yml", id: "theory-file", onchange: async () => { const file = open.files[0]; if (file && file.size <= 20000) this.app.fromFile(await file.text()); } });
    const parts = [];
    if (!told || (!answered && !this.app.theoryFile)) parts.push(el("p", {}, t("mine_empty")));
    else {
      parts.push(this.status(told), this.keep(told), this.missed(), this.parting(), this.moves(told), this.weight(told));
      parts.push(el("p", {}, button(t("save_theory"), () => download("mine.yaml", "text/yaml", told.file), { "data-digest": told.digest }), " ", el("span", { class: "note" }, `${t("digest")} ${told.digest.slice(0, 12)}`)));
    }
    parts.push(el("p", {}, el("label", { for: "theory-file" }, `${t("open_theory")} `), open));
    this.result.replaceChildren(...parts.filter(Boolean));
  }

  // Honest about where the figures come from: weighed particles of the yardstick, or learnt like any other reading.
  status(told) {
    const behind = !this.behind ? "" : ` ${this.behind === "stopped" ? t("behind_stopped") : t("behind", { part: this.behind })}`;
    if (told.stage === "weighing") return el("p", {}, t("mine_weighing"));
    if (told.stage === "refused") return el("p", { class: "warn" }, t("mine_refused", { reason: told.reason }), behind);
    return el("p", {}, told.learnt ? t("mine_learnt") : t("mine_ready", { ess: told.ess, of: told.particles, families: told.families }), behind);
  }

  keep(told) {
    if (told.stage !== "ready") return null;
    const box = el("input", { type: "checkbox", id: "keep-mine", onchange: () => this.app.keepMine(box.checked) });
    box.checked = this.app.state.theories.includes("mine");
    return el("p", {}, box, " ", el("label", { for: box.id }, t("keep_mine", { n: this.app.state.theories.filter((id) => id !== "mine").length + 1 })));
  }

  missed() {
    if (!this.rows) return null;
    return el("div", {}, missTable(t("mine_misses"), this.rows), this.untaught ? el("p", { class: "note" }, t("mine_untaught")) : null);
  }

  // Where it parts from each reading at the table, in the speakers' order: one outcome each, and the mechanism that carries most of the difference.
  parting() {
    if (!this.apart) return null;
    const { figures, room } = this.app, show = (item, x) => (item.share ? frequency(x) : digits(x));
    const rows = this.apart.rows.map((r) => {
      const item = figures.item(r.item), name = room.byid.get(r.theory).argument;
      if (!r.told) return [name, t("not_told"), "", "", "", ""];
      const scale = item.share ? 100 : 1, ends = [-Z95, Z95].map((z) => digits(scale * (r.difference + z * r.error), scale * r.difference));
      return [name, phrase(item), show(item, r.mine), show(item, r.theirs), ends.join(" … "), r.group ? groupName(r.group) : t("no_cause")];
    });
    return el("div", {}, table(t("apart_caption"), [t("reading"), t("parts_most"), t("yours"), t("theirs"), t("apart_by"), t("carried_mostly")], rows),
      el("p", { class: "note" }, this.apart.done ? t("apart_note") : t("apart_busy", { n: rows.length, of: room.first_theories.length })));
  }

  moves(told) {
    if (!told.ranges.length) return null;
    const name = (x) => this.app.room.actors[x] ?? x;
    return el("details", {}, el("summary", {}, t("mine_moves", { n: told.ranges.length })), table(t("mine_moves_note"), [t("parameter"), t("range"), t("because")], told.ranges.map((r) => [r.parameter + (r.element.length ? ` (${r.element.map(name).join(", ")})` : ""), `${digits(r.range[0], r.range[1])}–${digits(r.range[1])}`, r.argument])));
  }

  // A weight is shown on request only, in this browser, and never where the record does not decide.
  weight(told) {
    if (told.stage !== "ready" || told.gain === undefined || told.gain === null) return null;
    const open = Math.abs(told.gain) > Z95 * told.error && told.ess >= 100;
    return el("details", {}, el("summary", {}, t("weight_on_request")), el("p", {}, open ? t(told.gain > 0 ? "weight_for" : "weight_against", { n: digits(Math.abs(told.gain)), e: digits(Z95 * told.error) }) : t("record_undecided"), " ", t("weight_note")));
  }
}

const groupName = (g) => (g.startsWith("what the record") ? t("group_start") : g.startsWith("one range") ? t("group_alike") : mechanism(g));

// Dated events that a reading found hardest, and what it expected instead.
export function missTable(caption, rows) {
  return table(caption, [t("day"), t("event"), t("gave_it"), t("yardstick_gave"), t("expected_instead")], rows.map((r) => [r.day, `${t(`draw_${r.draw}`)}${r.words ? `: ${r.words}` : ""}`, withError(r), r.yardstick === null ? "" : frequency(r.yardstick), t("no_such")]));
}

function withError(r) {
  return r.error > 0.5 * r.p ? `${frequency(r.p)}; ${t("not_settled")}` : frequency(r.p);
}
