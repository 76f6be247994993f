const unit = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of `90s`, `20m`, `1h30m`; undefined when the text is no such duration or is zero. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+)([smh])/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join("") !== text) return undefined;
  const total = parts.reduce((sum, [, count, letter]) => sum + Number(count) * unit[letter as keyof typeof unit], 0);
  return total > 0 ? total : undefined;
}
