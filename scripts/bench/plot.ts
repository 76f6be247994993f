import type { BenchResult } from "./page.ts";

/** A bar chart of the ratios against their promised limits, as SVG without fonts or scripts of its own. */
export function ratioPlot(results: readonly BenchResult[]): string {
  const rows = results.flatMap(({ name, ratio, limit }) => (ratio === undefined || limit === undefined ? [] : [{ name, ratio, limit }]));
  const widest = Math.max(...rows.flatMap(({ ratio, limit }) => [ratio, limit]), 1);
  const scale = (value: number): number => Math.round((value / widest) * 400);
  const bars = rows.map(({ name, ratio, limit }, index) => {
    const y = 30 + index * 34;
    const colour = ratio <= limit ? "#2f7d4f" : "#b3362b";
    return `<text x="230" y="${y + 15}" text-anchor="end">${name.replaceAll("`", "")}</text><rect x="240" y="${y}" width="${scale(ratio)}" height="20" fill="${colour}"/><line x1="${240 + scale(limit)}" x2="${240 + scale(limit)}" y1="${y - 4}" y2="${y + 24}" stroke="#555" stroke-dasharray="3"/><text x="${248 + scale(Math.max(ratio, limit))}" y="${y + 15}">${ratio.toFixed(2)}x</text>`;
  });
  const height = 50 + rows.length * 34;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="720" height="${height}" viewBox="0 0 720 ${height}" font-family="sans-serif" font-size="13"><rect width="720" height="${height}" fill="#fff"/><text x="10" y="18">ours / peer, dashed: promised at most</text>${bars.join("")}</svg>\n`;
}
