// The end of a session: one HTML file of what the room saw, said and guessed, and a scenario folder that `detente run` takes.

import { button, dialog, download, el, say, table } from "./dom.js";
import { picture } from "./export.js";
import { kept } from "./guess.js";
import { phrase } from "./sentence.js";
import { t } from "./texts.js";

const MOST = 60;

// The states that stood long enough to be read, in order, each with its pictures and words.
export class Log {
  constructor(app) { Object.assign(this, { app, states: [], timer: 0 }); }

  // Called at every paint: what is at full sharpness and stays for a second is kept.
  seen() {
    clearTimeout(this.timer);
    const { figures } = this.app;
    if (figures.hidden || (figures.moved && !figures.answer?.done)) return;
    this.timer = setTimeout(() => this.keep(), 1000);
  }

  keep() {
    const { app } = this, { figures } = app, first = app.made.get("first");
    if (app.view !== first || figures.hidden || (figures.moved && !figures.answer?.done)) return;
    const at = app.address(), old = this.states.findIndex((s) => s.at === at);
    const one = { at, measures: measures(app), doubts: first.edited.textContent, said: first.text.textContent, others: first.absent.textContent, stamp: app.stamp(), figures: [picture(first.left), picture(first.right)], tables: [first.left, first.right].map((c) => ({ title: c.title.textContent, ...c.data })) };
    if (old >= 0) this.states[old] = one; else this.states.push(one);
    if (this.states.length > MOST) this.states.shift();
  }
}

function measures(app) {
  const pulled = Object.entries(app.state.levers).filter(([, x]) => x > 0);
  return pulled.length ? pulled.map(([id, x]) => `${app.room.packages.find((p) => p.id === id)?.label ?? id}: ${Math.round(100 * x)} %`).join("; ") : t("no_change_word_head");
}

const STYLE = "body{font:16px/1.45 sans-serif;max-width:62rem;margin:1rem auto;padding:0 1rem;color:#1d2126;background:#fbfaf7}table{border-collapse:collapse;font-size:.85rem}td,th{text-align:left;padding:.15rem .7rem .15rem 0;border-bottom:1px solid #d9d7d0;font-weight:400;vertical-align:top}caption{text-align:left;color:#5a626b}img{max-width:100%}section{border-top:1px solid #d9d7d0;padding:.6rem 0}.note{color:#5a626b;font-size:.85rem}@media print{details{display:block}}";

// The file: elements with text only, written out by the browser, so that nothing typed is ever read as a page.
export function html(app, notes) {
  const { room } = app, log = app.log.states;
  const image = (text, title) => el("img", { src: `data:image/svg+xml;base64,${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}`, alt: title });
  const states = log.map((s, k) => el("section", {}, el("h3", {}, `${k + 1}. ${s.measures}`), s.doubts ? el("p", {}, s.doubts) : null, el("p", {}, el("strong", {}, s.said)), el("p", { class: "note" }, s.others),
    ...s.figures.map((f, n) => image(f, s.tables[n].title)), el("details", {}, el("summary", {}, t("as_table")), ...s.tables.map((x) => table(x.title, x.head, x.rows))), el("p", { class: "note" }, `${s.stamp}. ${t("address")}: #${s.at}`)));
  const guesses = kept().map((g) => table(`${phrase(app.figures.item(g.item) ?? { outcome: g.item, phrase: g.item })} (#${g.at})`, [t("reading"), t("you_said"), t("it_is")], g.rows.map((r) => [room.byid.get(r.id)?.argument ?? r.id, t(`guess_${r.said}`), t(`guess_${r.is}`)])));
  const mine = app.made.get("mine")?.told, named = Object.entries(JSON.parse(localStorage.getItem("detente-scenarios") ?? "{}"));
  const crux = app.made.get("crux")?.said;
  const body = el("body", {}, el("main", {}, el("h1", {}, `${room.title}: ${t("session")}`), ...room.front.map(({ head, text }) => el("p", {}, el("strong", {}, `${head}. `), text)),
    el("h2", {}, t("session_states")), ...(states.length ? states : [el("p", {}, t("session_none"))]),
    guesses.length ? el("h2", {}, t("session_guesses")) : null, ...guesses,
    crux ? el("h2", {}, t("view_crux")) : null, crux ? el("p", {}, crux) : null,
    mine?.ranges ? el("h2", {}, t("your_theory_short")) : null, mine?.ranges ? table(`${t("digest")} ${mine.digest}`, [t("parameter"), t("range"), t("because")], mine.ranges.map((r) => [r.parameter, r.range.join("–"), r.argument])) : null,
    named.length ? el("h2", {}, t("scenarios")) : null, named.length ? el("ul", {}, named.map(([name, at]) => el("li", {}, `${name}: #${at}`))) : null,
    notes ? el("h2", {}, t("session_notes")) : null, notes ? el("p", {}, notes) : null,
    el("h2", {}, t("session_again")), el("p", {}, t("session_how", { scenario: room.scenario, n: room.futures, seed: room.seed, version: room.version })), el("p", { class: "note" }, room.foot)));
  const head = el("head", {}, el("meta", { charset: "utf-8" }), el("meta", { "http-equiv": "Content-Security-Policy", content: "default-src 'none'; img-src data:; style-src 'unsafe-inline'" }), el("title", {}, `${room.title}: ${t("session")}`), el("style", {}, STYLE));
  return `<!doctype html>\n${el("html", { lang: app.state.lang }, head, body).outerHTML}\n`;
}

export function finish(app) {
  app.log.keep();
  const notes = el("textarea", { id: "session-notes", rows: 4, maxlength: 2000 }), told = el("p", { role: "status" });
  app.onfolder = (m) => { download(m.name, "application/zip", Uint8Array.from(atob(m.zip), (c) => c.charCodeAt(0))); say(told, t("session_folder_done")); };
  app.onerror = (text) => say(told, text);
  const file = app.made.get("mine")?.told?.file, kinds = app.state.mine || app.theoryFile ? { file } : {};
  dialog(t("finish"), t("close"), el("p", {}, t("session_note", { n: app.log.states.length })),
    el("p", {}, el("label", { for: "session-notes" }, t("session_notes_ask")), el("br"), notes),
    el("p", {}, button(t("session_html"), () => download(`${app.room.scenario}_session.html`, "text/html", html(app, notes.value.trim()))), " ",
      button(t("session_folder"), () => { say(told, t("session_packing")); app.link.once({ kind: "folder", levers: app.state.levers, held: app.state.held, ...kinds }); })),
    el("p", { class: "note" }, t("session_folder_note")), told);
}
