// The page: room data, state, figures, views. Everything painted comes from here, in place, after the newest answer.

import { figureCard, readings } from "./cards.js";
import { Crux } from "./crux.js";
import { Courses } from "./courses.js";
import { button, dialog, el, say, set } from "./dom.js";
import { context } from "./export.js";
import { Figures } from "./figures.js";
import { First } from "./first.js";
import { Guess } from "./guess.js";
import { Levers } from "./levers.js";
import { Link } from "./link.js";
import { Mine } from "./mine.js";
import { scenarios } from "./names.js";
import { present } from "./present.js";
import { Log, finish } from "./session.js";
import { SCHEMA, Steps, decode, encode, fresh } from "./state.js";
import { load, t } from "./texts.js";
import { Whom } from "./whom.js";

// View → the series that it draws; a view without any of them in the model is left out.
const VIEWS = { ladder: ["reached2", "reached3", "reached4"], channels: ["open"], treaties: ["in_force"], cohesion: ["cohesion"], fear: ["threat"], conduct: ["conduct"], arms: ["arms"] };

const get = async (name) => (await fetch(name)).json();

class App {
  constructor(room) {
    this.room = room;
    room.byid = new Map(room.theories.map((theory) => [theory.id, theory]));
    room.byid.set("mine", { id: "mine", argument: "", sentence: "", holder: "", table: "mine" });
    const at = room.theories.filter((theory) => theory.table === "at").map((theory) => theory.id);
    room.first_theories = at.length ? at : room.theories.map((theory) => theory.id);
    this.figures = new Figures(room);
    get("record.json").then((dots) => { this.figures.record = dots; this.paint(); });
    this.timing = [];
    this.doubts = new Map();
    this.log = new Log(this);
    this.state = decode(location.hash, room);
    this.steps = new Steps(this.state);
  }

  async start() {
    await load(this.state.lang);
    this.furnish();
    this.link = new Link({
      onbase: (m) => { this.figures.bases.set(m.theory, m); if (m.theory === "mine" && this.state.theories.includes("mine")) this.ask(); this.paint(); },
      onanswer: (m) => this.answer(m),
      onwhy: (m) => { this.figures.why = m; this.paint(); },
      onpast: (m) => { this.figures.pasts.set(m.theory, m); this.paint(); },
      onstatus: (m) => this.status(m),
      onother: (m) => this.other(m),
    });
    if (this.state.mine) this.sendMine();
    this.apply(true);
    addEventListener("hashchange", () => { if (location.hash.slice(1) !== this.address()) { this.state = decode(location.hash, this.room); this.steps.take(this.state); this.apply(true); } });
    addEventListener("keydown", (event) => this.key(event));
    if (this.state.refused) dialog(t("newer_link"), t("close"), el("p", {}, t("newer_link_text", { v: this.state.refused, own: SCHEMA })));
    else if (!sessionStorage.getItem("front")) this.front();
  }

  furnish() {
    const { room } = this;
    for (const node of document.querySelectorAll("[data-t]")) say(node, t(node.dataset.t));
    say(document.getElementById("title"), room.title);
    room.byid.get("mine").argument = t("your_theory_short");
    document.title = `${room.title} – détente`;
    say(document.getElementById("foot"), `${room.foot}${this.state.lang === "en" ? "" : ` ${t("draft")}`}`);
    context.foot = room.foot;
    context.link = () => location.href;
    context.stamp = () => this.stamp();
    document.getElementById("levers").replaceChildren();
    this.levers = new Levers(room, document.getElementById("levers"), (id, x, at) => this.pull(id, x, at));
    this.tools();
    this.made = new Map();
    this.view = null;
    this.guess?.node.remove();
    this.guess = new Guess(this);
    document.getElementById("views").after(this.guess.node);
    this.tabs = ["first", ...Object.keys(VIEWS).filter((key) => room.series.some((s) => VIEWS[key].includes(s.kind))), ...(room.items.some((i) => i.outcome === "alarm") ? ["whom"] : []), ...(room.packages.length > 1 ? ["crux"] : []), ...(room.statements.length ? ["mine"] : [])];
    document.getElementById("views").replaceChildren(...this.tabs.map((key) => button(t(`view_${key}`), () => this.look({ view: key }), { "data-view": key })));
  }

  // A view is made when it is first looked at, and kept.
  show(key) {
    const wanted = this.tabs.includes(key) ? key : "first";
    if (!this.made.has(wanted)) this.made.set(wanted, wanted === "first" ? new First(this) : wanted === "whom" ? new Whom(this) : wanted === "mine" ? new Mine(this) : wanted === "crux" ? new Crux(this) : new Courses(this, VIEWS[wanted], t(`title_${wanted}`)));
    const view = this.made.get(wanted);
    if (view === this.view) return;
    this.view = view;
    document.getElementById("view").replaceChildren(view.node);
    for (const tab of document.getElementById("views").children) set(tab, { "aria-current": tab.dataset.view === wanted });
    if (view.courses && !this.figures.complete(this.state.theories)) this.ask();
  }

  tools() {
    const tool = (key, action, attributes = {}) => button(t(key), action, { "data-tool": key, ...attributes });
    this.undo = tool("undo", () => this.step("undo"), { "aria-keyshortcuts": "Control+Z" });
    this.redo = tool("redo", () => this.step("redo"), { "aria-keyshortcuts": "Control+Y" });
    document.getElementById("tools").replaceChildren(
      this.undo, this.redo, tool("replay", () => this.replay()), tool("clear", () => this.change({ levers: {}, held: {} })),
      tool("readings", () => readings(this)), tool("scenarios", () => scenarios(this)), tool("guess", () => this.look({ quiet: !this.state.quiet })), tool("present", () => present(this)), tool("finish", () => finish(this)),
      tool("theme", () => this.look({ theme: { auto: "dark", dark: "light", light: "auto" }[this.state.theme] })),
      tool("big", () => this.look({ big: !this.state.big })),
      tool("language", () => this.speak(this.state.lang === "en" ? "ru" : "en")), tool("about_page", () => this.front()));
  }

  // ------------------------------------------------------------------------------------------------ the state changes

  pull(id, x, at) {
    const levers = { ...this.state.levers, [id]: x };
    if (x === 0) delete levers[id];
    this.began = at;
    this.change({ levers });
  }

  change(part) {
    this.before = structuredClone(this.steps.now);
    Object.assign(this.state, part);
    this.steps.take(this.state);
    this.apply(true, Object.keys(part).join() === "levers");
  }

  async speak(language) {
    this.state.lang = language;
    await load(language);
    this.furnish();
    this.look({});
  }

  // A parameter of a theory held at a value from the record's end on; null lets it go.
  hold(theory, parameter, value) {
    const held = structuredClone(this.state.held);
    if (value === null) delete held[theory]?.[parameter]; else (held[theory] ??= {})[parameter] = value;
    if (held[theory] && !Object.keys(held[theory]).length) delete held[theory];
    this.change({ held });
  }

  look(part) {
    Object.assign(this.state, part);
    this.steps.now = structuredClone(this.state);
    this.apply(false);
  }

  step(way) {
    const found = this.steps[way]();
    if (found) { this.state = found; this.apply(true); }
  }

  // Shows the state before the last change, then the change again, for those who looked elsewhere.
  async replay() {
    if (!this.steps.past.length) return;
    const now = structuredClone(this.state), before = { ...now, ...pick(this.steps.past[this.steps.past.length - 1]) };
    for (const state of [before, now]) {
      this.state = structuredClone(state);
      this.apply(true);
      await new Promise((next) => setTimeout(next, 1500));
    }
  }

  // `pulled`: only measures moved, so the answer brings all that there is to paint. The question goes out before anything else is done.
  apply(moved, pulled = false) {
    const { state } = this, root = document.documentElement;
    this.figures.hidden = state.quiet;
    this.figures.asked = Object.values(state.levers).some((x) => x > 0) || Object.keys(state.held).length > 0;
    this.figures.edited = (id) => Boolean(state.held[id]);
    if (moved || !this.figures.answer) { this.ask(); this.doubt(); }
    set(root, { "data-theme": state.theme });
    root.classList.toggle("big", state.big);
    root.classList.toggle("names", state.names);
    this.levers.show(state.levers);
    set(this.undo, { "aria-disabled": !this.steps.past.length });
    set(this.redo, { "aria-disabled": !this.steps.ahead.length });
    const address = this.address();
    if (location.hash.slice(1) !== address) history.replaceState(null, "", `#${address}`);
    for (const node of document.querySelectorAll("[data-tool=guess]")) set(node, { "aria-pressed": state.quiet });
    if (!(pulled && this.figures.moved && this.figures.answer)) this.paint();
  }

  address() { return encode(this.state, this.room.first_theories); }

  ask() {
    const { levers, held } = this.state;
    const theories = this.state.theories.filter((id) => id !== "mine" || this.figures.bases.has("mine"));
    this.link.send({ levers, theories: theories.length ? theories : this.room.first_theories, held, courses: Boolean(this.view?.courses) });
  }

  answer(message) {
    this.figures.answer = message;
    this.paint();
    if (this.began !== undefined) {
      const began = this.began;
      this.began = undefined;
      requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = () => this.timing.push(performance.now() - began); channel.port2.postMessage(0); });
    }
  }

  status(message) {
    this.lost = message.lost === true;
    say(document.getElementById("status"), this.lost ? t("lost") : message.text ? `${t("busy")} ${message.text}` : "");
  }

  // ------------------------------------------------------------------------------------------------ your theory, and what takes longer

  // Answers by statement, out of the state's digits in the statements' own order.
  answers() {
    return Object.fromEntries(this.room.statements.map((s, k) => [s.id, Number(this.state.mine[k] ?? 0)]).filter(([, x]) => x));
  }

  setAnswers(answers) {
    const mine = this.room.statements.map((s) => answers[s.id] ?? 0).join("");
    this.theoryFile = null;
    this.change({ mine: /[1-7]/.test(mine) ? mine : "" });
    this.sendMine();
  }

  fromFile(text) { this.theoryFile = text; this.sendMine(); }

  sendMine() {
    if (!this.theoryFile && !this.state.mine) return;
    this.link.standing("mine", this.theoryFile ? { kind: "mine", file: this.theoryFile } : { kind: "mine", answers: this.answers() });
  }

  // Doubts are held at once from the record's end on; after a rest the server weighs, and learns behind, what they make of each reading.
  doubt() {
    const held = Object.entries(this.state.held).filter(([id]) => id !== "mine");
    for (const id of [...this.doubts.keys()]) if (!this.state.held[id]) { this.doubts.delete(id); this.link.forget(`doubt ${id}`); }
    for (const [theory, values] of held) {
      const text = JSON.stringify(values);
      if (this.doubts.get(theory)?.text === text) continue;
      this.doubts.set(theory, { text, stage: "held" });
      clearTimeout(this.doubting?.[theory]);
      (this.doubting ??= {})[theory] = setTimeout(() => { if (this.doubts.get(theory)?.text === text) this.link.standing(`doubt ${theory}`, { kind: "doubt", theory, held: values }); }, 1200);
    }
  }

  // What stands behind a doubted reading's figures just now, in a sentence.
  doubted(id) {
    const d = this.doubts.get(id);
    if (!d) return "";
    const behind = d.part ? ` ${d.part === "stopped" ? t("behind_stopped") : t("behind", { part: d.part })}` : "";
    return t(`doubt_${d.stage}`, { ess: d.ess ?? 0, of: d.particles ?? 0, reason: d.reason ?? "" }) + behind;
  }

  keepMine(keep) {
    this.change({ theories: [...this.state.theories.filter((id) => id !== "mine"), ...(keep ? ["mine"] : [])] });
  }

  surprise(theory, then) {
    this.waiting ??= new Map();
    this.waiting.set(theory, then);
    this.link.once({ kind: "surprise", theory });
  }

  heardDoubt(m) {
    const id = m.theory ?? m.what.replace("doubt ", ""), d = this.doubts.get(id);
    if (!d || (m.held && JSON.stringify(Object.entries(m.held).sort()) !== JSON.stringify(Object.entries(JSON.parse(d.text)).sort()))) return;
    if (m.kind === "behind") d.part = m.text; else Object.assign(d, m, { part: "" });
    if (d.stage === "weighed" || d.stage === "learnt") if (m.kind === "doubt") this.ask();
    this.paint();
  }

  other(m) {
    if (m.kind === "doubt" || (m.kind === "behind" && m.what !== "mine")) return this.heardDoubt(m);
    if (["mine", "apart", "behind"].includes(m.kind) || (m.kind === "surprise" && m.theory === "mine")) { if (!this.made.has("mine")) this.made.set("mine", new Mine(this)); this.made.get("mine").hear(m); }
    else if (m.kind === "folder") this.onfolder?.(m);
    else if (m.kind === "crux") this.made.get("crux")?.hear(m);
    else if (m.kind === "surprise") { this.waiting?.get(m.theory)?.(m.rows); }
    else { say(document.getElementById("status"), m.text); if (m.kind === "error") this.onerror?.(m.text); }
  }

  // A state by its address, with the look of now.
  open(address, look) {
    this.state = { ...decode(address, this.room), ...look };
    this.steps.take(this.state);
    this.apply(true);
  }

  // ------------------------------------------------------------------------------------------------ painting

  stamp() {
    const { answer, moved } = this.figures;
    const n = moved ? Math.min(...Object.values(answer?.theories ?? { x: { n: 0 } }).map((x) => x.n)) : this.room.futures;
    return moved && !(answer?.done) ? t("coarse", { n }) : t("sharp", { n: n.toLocaleString("en-GB") });
  }

  paint() {
    if (!this.figures.bases.size) return;
    this.show(this.state.view);
    this.guess.update(this.state);
    const ready = { ...this.state, theories: this.state.theories.filter((id) => id !== "mine" || this.figures.bases.has("mine")) };
    this.view.update(this.figures, ready, this.stamp());
    this.log.seen();
    this.first_paint ??= performance.now();
  }

  front() {
    sessionStorage.setItem("front", "1");
    const box = dialog(this.room.title, t("begin"), ...this.room.front.map(({ head, text }) => el("p", { class: "front" }, el("strong", {}, `${head}. `), text)), el("p", {}, this.room.foot));
    box.classList.add("frontpage");
  }

  card(item, theory) { return figureCard(this, item, theory); }

  key(event) {
    if (!(event.ctrlKey || event.metaKey)) return;
    const way = event.key === "z" && !event.shiftKey ? "undo" : event.key === "y" || (event.key.toLowerCase() === "z" && event.shiftKey) ? "redo" : null;
    if (way) { event.preventDefault(); this.step(way); }
  }
}

const pick = ({ levers, theories, held, mine }) => ({ levers, theories, held, mine });

const app = new App(await get("room.json"));
globalThis.detente = { app, encode, decode, fresh };
await app.start();
