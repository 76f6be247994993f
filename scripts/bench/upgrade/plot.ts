import type { MeasuredUpgrade } from "./measured.ts";

/** A bar for the longest gap of each span, with a line at the promised second, as SVG without fonts or scripts of its own. */
export function gapPlot({ idle, pairs }: MeasuredUpgrade): string {
  const spans = [
    { name: "idle", gap: idle.gap, colour: "#777" },
    ...pairs.flatMap(({ ours, helm }, round) => [
      { name: `migratectl ${round + 1}`, gap: ours.gap, colour: "#2a5db0" },
      { name: `helm ${round + 1}`, gap: helm.gap, colour: "#b07a2a" },
    ]),
  ];
  const widest = Math.max(1.2, ...spans.map(({ gap }) => gap));
  const scale = (gap: number): number => Math.round((gap / widest) * 420);
  const bars = spans.map(({ name, gap, colour }, index) => {
    const y = 34 + index * 26;
    return `<text x="110" y="${y + 14}" text-anchor="end">${name}</text><rect x="120" y="${y}" width="${scale(gap)}" height="18" fill="${colour}"/><text x="${126 + scale(gap)}" y="${y + 14}">${gap.toFixed(2)} s</text>`;
  });
  const height = 44 + spans.length * 26;
  const line = 120 + scale(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="${height}" viewBox="0 0 640 ${height}" font-family="sans-serif" font-size="13"><rect width="640" height="${height}" fill="#fff"/><text x="10" y="18">longest gap between two answers, dashed: promised at most</text>${bars.join("")}<line x1="${line}" x2="${line}" y1="26" y2="${height - 6}" stroke="#555" stroke-dasharray="3"/></svg>\n`;
}
