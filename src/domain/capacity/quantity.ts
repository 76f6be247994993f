const binary: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
};
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

const shape = /^([+-]?)(\d*)(?:\.(\d*))?(?:([KMGTPE]i|[numkMGTPE]?)|[eE]([+-]?\d+))$/;

/** One whole unit (a CPU, a byte) in the nano-units that quantities are counted in. */
export const nanosPerUnit = 1_000_000_000n;

/** Kubernetes keeps no larger number than this: 2^63-1 units. */
const largest = ((1n << 63n) - 1n) * nanosPerUnit;

/**
 * A Kubernetes quantity (`250m`, `1.5Gi`, `2e3`) as an exact number of nano-units, by the API server's own rules: below a nano it is
 * rounded away from zero, above 2^63-1 units it is capped. Undefined when the API server would refuse the text.
 */
export function parseQuantity(text: string): bigint | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", suffix, exponent] = match;
  if (whole + fraction === "") return undefined;
  const digits = BigInt(whole + fraction);
  const magnitude = scaled(digits, fraction.length, suffix ?? "", exponent);
  return sign === "-" ? -magnitude : magnitude;
}

function scaled(digits: bigint, fractionDigits: number, suffix: string, exponent: string | undefined): bigint {
  if (digits === 0n) return 0n;
  const factor = binary[suffix];
  if (factor !== undefined) return capped(shifted(digits * factor, 9 - fractionDigits));
  return capped(shifted(digits, 9 - fractionDigits + (exponent === undefined ? (decimal[suffix] ?? 0) : Number(exponent))));
}

/** digits × 10^power, rounded up; powers beyond any legal quantity are cut short, so that `1e999999999` costs nothing. */
function shifted(digits: bigint, power: number): bigint {
  if (power >= 0) return power > 40 ? largest : digits * 10n ** BigInt(power);
  if (-power > String(digits).length + 1) return 1n;
  return ceilDivide(digits, 10n ** BigInt(-power));
}

function capped(value: bigint): bigint {
  return value > largest ? largest : value;
}

/** a / b rounded up, for a >= 0 and b > 0; rounded towards zero for a < 0. */
function ceilDivide(a: bigint, b: bigint): bigint {
  return a > 0n ? (a + b - 1n) / b : a / b;
}

/** Thousandths of a unit, rounded up: how the scheduler counts CPU. */
export function toMillis(nanos: bigint): number {
  return Number(ceilDivide(nanos, nanosPerUnit / 1000n));
}

/** Whole units, rounded up: how the scheduler counts bytes and everything that is not CPU. */
export function toUnits(nanos: bigint): number {
  return Number(ceilDivide(nanos, nanosPerUnit));
}

/** The shortest decimal text that {@link parseQuantity} reads back as the same number. */
export function formatQuantity(nanos: bigint): string {
  for (const [suffix, size] of [
    ["", nanosPerUnit],
    ["m", 1_000_000n],
    ["u", 1000n],
  ] as const) {
    if (nanos % size === 0n) return `${nanos / size}${suffix}`;
  }
  return `${nanos}n`;
}
