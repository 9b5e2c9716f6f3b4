// Any chart's data as CSV, its figure as SVG and PNG; nothing leaves without its reading, date and range.

import { button, download, el } from "./dom.js";
import { t } from "./texts.js";

export let context = { foot: "", link: () => "", stamp: () => "" };

export function exporter(chart) {
  return el("span", { class: "export" },
    button("CSV", () => download(`${chart.key}.csv`, "text/csv", csv(chart)), { "aria-label": t("data_csv") }),
    button("SVG", () => download(`${chart.key}.svg`, "image/svg+xml", picture(chart)), { "aria-label": t("figure_svg") }),
    button("PNG", () => png(chart), { "aria-label": t("figure_png") }));
}

export function csv(chart) {
  const quote = (cell) => `"${String(cell).replaceAll('"', '""').replace(/^([=+@\t\r])/, "'$1")}"`;
  const data = chart.data_rows ?? chart.data;
  const lines = [data.head, ...data.rows].map((row) => row.map(quote).join(","));
  return [...lines, "", ...[chart.title.textContent, context.stamp(), context.foot, context.link()].map((line) => quote(line))].join("\r\n");
}

// The chart with its title, stamp and foot, styles written into it so that it stands alone.
export function picture(chart) {
  const drawn = chart.whole ? chart.figure.appendChild(chart.whole()) : chart.svg;
  const copy = drawn.cloneNode(true);
  const live = [drawn, ...drawn.querySelectorAll("*")], flat = [copy, ...copy.querySelectorAll("*")];
  live.forEach((node, k) => {
    const look = getComputedStyle(node);
    for (const name of ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-family", "font-weight"]) flat[k].setAttribute(name, look.getPropertyValue(name));
    flat[k].removeAttribute("class");
  });
  const width = Number(drawn.getAttribute("width")), height = Number(drawn.getAttribute("height"));
  if (chart.whole) drawn.remove();
  const page = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const style = getComputedStyle(document.body);
  const lines = [context.stamp(), ...wrap(context.foot, Math.floor(width / 6))];
  const whole = height + 40 + 15 * lines.length;
  const put = (name, attributes, text = "") => { const n = document.createElementNS(page.namespaceURI, name); for (const [k, v] of Object.entries(attributes)) n.setAttribute(k, v); n.textContent = text; page.append(n); return n; };
  page.setAttribute("viewBox", `-12 0 ${width + 24} ${whole}`);
  page.setAttribute("width", width + 24);
  page.setAttribute("height", whole);
  put("title", {}, copy.getAttribute("aria-label") ?? chart.title.textContent);
  put("rect", { x: -12, y: 0, width: width + 24, height: whole, fill: style.backgroundColor });
  const ink = { fill: style.color, "font-family": "sans-serif" };
  put("text", { x: 0, y: 20, "font-size": 15, "font-weight": 600, ...ink }, chart.title.textContent);
  copy.setAttribute("y", 30);
  page.append(copy);
  lines.forEach((line, k) => put("text", { x: 0, y: height + 48 + 15 * k, "font-size": 11, ...ink }, line));
  return new XMLSerializer().serializeToString(page);
}

function wrap(text, most) {
  const lines = [""];
  for (const word of text.split(" ")) (lines[lines.length - 1].length + word.length > most ? lines.push(word) : (lines[lines.length - 1] += `${lines[lines.length - 1] ? " " : ""}${word}`));
  return lines;
}

async function png(chart) {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([picture(chart)], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = el("canvas", { width: 2 * image.width, height: 2 * image.height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  canvas.toBlob((blob) => download(`${chart.key}.png`, "image/png", blob));
}
