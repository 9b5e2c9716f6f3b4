// The presenter's view: first where each reading fails, then the panel's questions; or the scenario's scripted session, step by step.

import { button, dialog, el, say } from "./dom.js";
import { missTable } from "./mine.js";
import { frequency, t } from "./texts.js";

const VIEW_OF = { Q1: "ladder", Q2: "first", Q3: "cohesion", Q4: "first", Q5: "channels" };

export function steps(app) {
  const misses = { head: t("present_misses"), say: t("present_misses_say"), at: "v=1", show: "misses" };
  const questions = Object.entries(app.room.questions).map(([key, text]) => ({ head: `${key}. ${text}`, say: t("present_question"), at: `v=1&view=${VIEW_OF[key] ?? "first"}` }));
  return [misses, ...questions];
}

export class Presenter {
  constructor(app, list) {
    Object.assign(this, { app, list, at: 0 });
    this.head = el("h2");
    this.text = el("p", { class: "say" });
    this.more = el("div", { class: "more" });
    this.count = el("span", { class: "note" });
    this.node = el("section", { class: "presenter", "aria-label": t("present"), tabindex: -1 }, el("p", {}, this.count, " ", button(t("previous"), () => this.go(-1)), button(t("next"), () => this.go(1), { class: "next" }), button(t("leave"), () => this.end())), this.head, this.text, this.more);
    document.body.insertBefore(this.node, document.querySelector("main"));
    this.go(0);
  }

  go(step) {
    this.at = Math.max(0, Math.min(this.list.length - 1, this.at + step));
    const now = this.list[this.at], { lang, theme, big, names } = this.app.state;
    say(this.count, `${now.minute ? t("minute", { n: now.minute }) : ""} ${this.at + 1} / ${this.list.length}`);
    say(this.head, now.head);
    say(this.text, now.say);
    this.more.replaceChildren();
    this.app.open(now.at, { lang, theme, big, names });
    if (now.show === "misses") this.misses();
    if (now.show === "card") this.more.append(button(t("open_card"), () => this.app.card(this.app.room.first.left[1] ?? this.app.room.first.left[0])));
    this.node.focus();
  }

  // Each reading's least expected event; computed behind, shown as it comes.
  misses() {
    const places = new Map(this.app.state.theories.map((id) => [id, el("div", {}, el("h3", {}, this.app.room.byid.get(id).argument), el("p", { class: "note" }, t("looking")))]));
    this.more.replaceChildren(el("p", { class: "note" }, t("in_sample")), ...places.values());
    for (const [id, box] of places) this.app.surprise(id, (rows) => box.lastChild.replaceWith(missTable(t("worst_miss"), rows.slice(0, 1))));
  }

  end() { this.node.remove(); this.app.presenter = null; }
}

export function present(app) {
  app.presenter?.end();
  const choose = (list) => { box.close(); app.presenter = new Presenter(app, list); };
  const box = dialog(t("present"), t("close"), el("p", {}, button(t("present_questions"), () => choose(steps(app)))), app.room.script.length ? el("p", {}, button(t("present_script"), () => choose(app.room.script))) : null);
}
