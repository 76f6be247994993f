import { formatBytes } from "../../../src/domain/units.ts";
import { type Item, total } from "./items.ts";
import type { Sized } from "./measured.ts";
import { middlePair } from "./projection.ts";

const growing = ["#1f5fa8", "#4d8fd1", "#86b8e8", "#b9d7f3"];
const constant = ["#d9822b", "#f0b46c"];
const [left, width, row] = [170, 620, 30];

/** Stacked bars of ours and the bare restore: blue what grows with the data, orange what does not. SVG without fonts or scripts of its own. */
export function stackedPlot(sizes: readonly Sized[]): string {
  const bars = sizes.flatMap(({ bytes, pairs }) => {
    const { ours, bare } = middlePair(pairs);
    return [
      { title: `migratectl, ${formatBytes(bytes)}`, items: ours },
      { title: `pgBackRest, ${formatBytes(bytes)}`, items: bare },
    ];
  });
  const longest = Math.max(...bars.map(({ items }) => total(items)));
  const drawn = bars.map(({ title, items }, index) => bar(title, items, 30 + index * (row + 10), width / longest));
  const legend = [...new Map(bars.flatMap(({ items }) => items.map((item) => [item.name, item] as const))).values()];
  const top = 50 + bars.length * (row + 10);
  const keys = legend.map(
    ({ name, scales }, index) =>
      `<rect x="${20 + (index % 3) * 280}" y="${top + Math.floor(index / 3) * 20 - 10}" width="12" height="12" fill="${colour(legend, name, scales)}"/><text x="${38 + (index % 3) * 280}" y="${top + Math.floor(index / 3) * 20}">${name}</text>`,
  );
  const height = top + Math.ceil(legend.length / 3) * 20 + 10;
  const body = drawn.map((paint) => paint(legend)).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="860" height="${height}" viewBox="0 0 860 ${height}" font-family="sans-serif" font-size="12"><rect width="860" height="${height}" fill="#fff"/><text x="10" y="18">seconds of a restore; blue: grows with the data, orange: does not</text>${body}${keys.join("")}</svg>\n`;
}

function bar(title: string, items: readonly Item[], y: number, scale: number): (legend: readonly Item[]) => string {
  return (legend) => {
    let x = left;
    const parts = items.map(({ name, seconds, scales }) => {
      const wide = Math.max(seconds, 0) * scale;
      const part = `<rect x="${x.toFixed(1)}" y="${y}" width="${wide.toFixed(1)}" height="${row}" fill="${colour(legend, name, scales)}"><title>${name}: ${seconds.toFixed(1)} s</title></rect>${wide < 24 ? "" : `<text x="${(x + wide / 2).toFixed(1)}" y="${y + 19}" text-anchor="middle" fill="#111">${seconds.toFixed(1)}</text>`}`;
      x += wide;
      return part;
    });
    return `<text x="${left - 8}" y="${y + 19}" text-anchor="end">${title}</text>${parts.join("")}<text x="${(x + 6).toFixed(1)}" y="${y + 19}">${total(items).toFixed(1)} s</text>`;
  };
}

/** Neighbours of one kind differ in shade. */
function colour(legend: readonly Item[], name: string, scales: boolean): string {
  const alike = legend.filter((item) => item.scales === scales).findIndex((item) => item.name === name);
  const shades = scales ? growing : constant;
  return shades[alike % shades.length] ?? "#999";
}
