// Named scenarios, kept in this browser only; the link; deleting all of it.

import { button, dialog, el, say } from "./dom.js";
import { t } from "./texts.js";

const KEY = "detente-scenarios";
const read = () => { try { return JSON.parse(localStorage.getItem(KEY) ?? "{}"); } catch { return {}; } };
const write = (all) => localStorage.setItem(KEY, JSON.stringify(all));

export function scenarios(app) {
  const list = el("ul", { class: "plain" }), name = el("input", { id: "scenario-name", maxlength: 60 }), told = el("p", { role: "status" });
  const show = () => {
    const all = read();
    list.replaceChildren(...Object.entries(all).map(([key, hash]) => el("li", {}, button(key, () => { location.hash = hash; box.close(); }), " ", button(t("delete"), () => { const rest = read(); delete rest[key]; write(rest); show(); }, { "aria-label": t("delete_one", { name: key }) }))));
  };
  const link = el("input", { id: "link", readonly: true, value: location.href });
  const box = dialog(t("scenarios"), t("close"),
    el("p", {}, el("label", { for: "scenario-name" }, t("scenario_name")), " ", name, " ", button(t("keep"), () => { if (name.value.trim()) { write({ ...read(), [name.value.trim()]: app.address() }); name.value = ""; show(); } })),
    list,
    el("p", {}, el("label", { for: "link" }, t("link")), " ", link, " ", button(t("copy"), async () => { link.select(); await navigator.clipboard?.writeText(link.value).catch(() => {}); say(told, t("copied")); })),
    el("p", { class: "note" }, t("link_note")),
    el("p", {}, button(t("delete_session"), () => { localStorage.clear(); sessionStorage.clear(); location.hash = ""; location.reload(); })), told);
  show();
}
