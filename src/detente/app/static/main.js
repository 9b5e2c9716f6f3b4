// The page: room data, state, figures, views. Everything painted comes from here, in place, after the newest answer.

import { button, dialog, el, say, set } from "./dom.js";
import { context } from "./export.js";
import { Figures } from "./figures.js";
import { First } from "./first.js";
import { Levers } from "./levers.js";
import { Link } from "./link.js";
import { SCHEMA, Steps, decode, encode, fresh } from "./state.js";
import { load, t } from "./texts.js";

const get = async (name) => (await fetch(name)).json();

class App {
  constructor(room) {
    this.room = room;
    room.byid = new Map(room.theories.map((theory) => [theory.id, theory]));
    const at = room.theories.filter((theory) => theory.table === "at").map((theory) => theory.id);
    room.first_theories = at.length ? at : room.theories.map((theory) => theory.id);
    this.figures = new Figures(room);
    this.timing = [];
    this.state = decode(location.hash, room);
    this.steps = new Steps(this.state);
  }

  async start() {
    await load(this.state.lang);
    this.furnish();
    this.link = new Link({
      onbase: (m) => { this.figures.bases.set(m.theory, m); this.paint(); },
      onanswer: (m) => this.answer(m),
      onstatus: (m) => this.status(m),
      onother: (m) => say(document.getElementById("status"), m.text),
    });
    this.apply(false);
    addEventListener("hashchange", () => { if (location.hash.slice(1) !== this.address()) { this.state = decode(location.hash, this.room); this.apply(true); } });
    addEventListener("keydown", (event) => this.key(event));
    if (this.state.refused) dialog(t("newer_link"), t("close"), el("p", {}, t("newer_link_text", { v: this.state.refused, own: SCHEMA })));
    else if (!sessionStorage.getItem("front")) this.front();
  }

  furnish() {
    const { room } = this;
    for (const node of document.querySelectorAll("[data-t]")) say(node, t(node.dataset.t));
    say(document.getElementById("title"), room.title);
    document.title = `${room.title} – détente`;
    say(document.getElementById("foot"), `${room.foot}${this.state.lang === "en" ? "" : ` ${t("draft")}`}`);
    context.foot = room.foot;
    context.link = () => location.href;
    context.stamp = () => this.stamp();
    document.getElementById("levers").replaceChildren();
    this.levers = new Levers(room, document.getElementById("levers"), (id, x, at) => this.pull(id, x, at));
    this.tools();
    this.view = null;
  }

  tools() {
    const tool = (key, action, attributes = {}) => button(t(key), action, { "data-tool": key, ...attributes });
    this.undo = tool("undo", () => this.step("undo"), { "aria-keyshortcuts": "Control+Z" });
    this.redo = tool("redo", () => this.step("redo"), { "aria-keyshortcuts": "Control+Y" });
    document.getElementById("tools").replaceChildren(
      this.undo, this.redo, tool("replay", () => this.replay()), tool("clear", () => this.change({ levers: {}, held: {} })),
      tool("theme", () => this.look({ theme: { auto: "dark", dark: "light", light: "auto" }[this.state.theme] })),
      tool("big", () => this.look({ big: !this.state.big })),
      tool("about_page", () => this.front()));
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
    this.apply(true);
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

  apply(moved) {
    const { state } = this, root = document.documentElement;
    set(root, { "data-theme": state.theme });
    root.classList.toggle("big", state.big);
    root.classList.toggle("names", state.names);
    this.levers.show(state.levers);
    set(this.undo, { "aria-disabled": !this.steps.past.length });
    set(this.redo, { "aria-disabled": !this.steps.ahead.length });
    const address = this.address();
    if (location.hash.slice(1) !== address) history.replaceState(null, "", `#${address}`);
    this.figures.moved = Object.values(state.levers).some((x) => x > 0) || Object.keys(state.held).length > 0;
    this.figures.edited = (id) => Boolean(state.held[id]);
    if (moved || !this.figures.answer) this.ask();
    this.paint();
  }

  address() { return encode(this.state, this.room.first_theories); }

  ask() {
    const { levers, theories, held } = this.state;
    this.link.send({ levers, theories, held, courses: Boolean(this.view?.courses) });
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

  // ------------------------------------------------------------------------------------------------ painting

  stamp() {
    const { answer, moved } = this.figures;
    const n = moved ? Math.min(...Object.values(answer?.theories ?? { x: { n: 0 } }).map((x) => x.n)) : this.room.futures;
    return moved && !(answer?.done) ? t("coarse", { n }) : t("sharp", { n: n.toLocaleString("en-GB") });
  }

  paint() {
    if (!this.figures.bases.size) return;
    if (!this.view) {
      this.view = new First(this);
      document.getElementById("view").replaceChildren(this.view.node);
      this.first_paint ??= performance.now();
    }
    this.view.update(this.figures, this.state, this.stamp());
  }

  front() {
    sessionStorage.setItem("front", "1");
    const box = dialog(this.room.title, t("begin"), ...this.room.front.map(({ head, text }) => el("p", { class: "front" }, el("strong", {}, `${head}. `), text)), el("p", {}, this.room.foot));
    box.classList.add("frontpage");
  }

  card(item) { say(document.getElementById("status"), this.figures.item(item).meaning); }

  key(event) {
    if (!(event.ctrlKey || event.metaKey)) return;
    const way = event.key === "z" && !event.shiftKey ? "undo" : event.key === "y" || (event.key.toLowerCase() === "z" && event.shiftKey) ? "redo" : null;
    if (way) { event.preventDefault(); this.step(way); }
  }
}

const pick = ({ levers, theories, held }) => ({ levers, theories, held });

const app = new App(await get("room.json"));
globalThis.detente = { app, encode, decode, fresh };
await app.start();
