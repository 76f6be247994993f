const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** An amount as people write it: CPU is given in thousandths, memory and storage in bytes, anything else is counted. */
export function amount(resource: string, value: number): string {
  const name = resource.replace(/^(requests|limits)\./, "");
  if (name === "cpu") return `${rounded(value / 1000)} CPU`;
  if (name === "memory" || name === "storage" || name.endsWith("storage") || name.startsWith("hugepages-")) return bytes(value);
  return `${rounded(value)} ${name}`;
}

/** Bytes in binary units, two decimals at most. */
export function bytes(value: number): string {
  const size = Math.abs(value);
  const power = size < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(size) / 10));
  return `${rounded(value / 2 ** (10 * power))} ${units[power]}`;
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}
