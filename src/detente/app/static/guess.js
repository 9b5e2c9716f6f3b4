// Commit before you see: figures stay at no change until the room has said, reading by reading, what it expects; guesses are kept and compared.

import { button, dialog, el, say, table } from "./dom.js";
import { phrase } from "./sentence.js";
import { t } from "./texts.js";

const KEY = "detente-guesses";
export const kept = () => { try { return JSON.parse(localStorage.getItem(KEY) ?? "[]"); } catch { return []; } };

export class Guess {
  constructor(app) {
    this.app = app;
    this.node = el("section", { class: "guess", hidden: true, "aria-label": t("guess") });
    this.said = {};
  }

  update(state) {
    const { app } = this, open = state.quiet && app.figures.asked;
    this.node.hidden = !state.quiet;
    if (!state.quiet) { this.key = ""; return; }
    const key = JSON.stringify([open, state.theories, state.lang]);
    if (key === this.key) return;
    this.key = key;
    this.said = {};
    this.item = app.room.first.words[0].item;
    if (!open) return this.node.replaceChildren(el("p", {}, t("guess_first")), button(t("guess_leave"), () => app.look({ quiet: false })));
    const item = app.figures.item(this.item);
    this.reveal = button(t("reveal"), () => this.show(), { disabled: true, class: "reveal" });
    this.node.replaceChildren(el("h3", {}, t("guess_ask", { what: phrase(item) })), ...state.theories.map((id) => this.row(id)), el("p", {}, this.reveal, " ", button(t("guess_leave"), () => app.look({ quiet: false }))));
  }

  row(id) {
    const ways = ["fewer", "same", "more"].map((way) => {
      const input = el("input", { type: "radio", name: `guess-${id}`, value: way, id: `guess-${id}-${way}`, onchange: () => { this.said[id] = way; this.reveal.disabled = Object.keys(this.said).length < this.app.state.theories.length; } });
      return el("label", { for: input.id }, input, t(`guess_${way}`));
    });
    return el("fieldset", {}, el("legend", {}, this.app.room.byid.get(id).argument), ...ways);
  }

  // Opens the figures, keeps the guesses with the state they were made of, and says how often the room was right.
  show() {
    const { app } = this, said = { ...this.said }, item = this.item;
    app.look({ quiet: false });
    const rows = app.state.theories.map((id) => { const f = app.figures.figure(id, item), is = f.told ? (f.d > 0 ? "more" : "fewer") : "same"; return { id, said: said[id], is }; });
    const right = rows.filter((r) => r.said === r.is).length;
    localStorage.setItem(KEY, JSON.stringify([...kept(), { at: app.address(), item, rows }].slice(-200)));
    dialog(t("guess_result", { n: right, of: rows.length }), t("close"),
      table(phrase(app.figures.item(item)), [t("reading"), t("you_said"), t("it_is")], rows.map((r) => [app.room.byid.get(r.id).argument, t(`guess_${r.said}`), t(`guess_${r.is}`)])),
      el("p", { class: "note" }, `${app.stamp()}. ${t("difference_note")}`));
  }
}
