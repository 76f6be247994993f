/** One value in DER: tag, length, content (ITU-T X.690). */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

/** A SEQUENCE of values. */
export const sequence = (...values: readonly Uint8Array[]): Buffer => der(0x30, ...values);

/** A SET of values; one value only, so that no order has to be kept. */
export const setOf = (value: Uint8Array): Buffer => der(0x31, value);

/** A positive INTEGER from its big-endian bytes. */
export const integer = (bytes: Uint8Array): Buffer => der(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);

/** An OBJECT IDENTIFIER in dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** A UTF8String. */
export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text, "utf8"));

/** A BIT STRING; `unused` counts the low bits of the last byte that do not belong to it. */
export const bits = (bytes: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.from([unused]), bytes);

/** An OCTET STRING. */
export const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes);

/** TRUE. */
export const yes = der(0x01, Buffer.from([0xff]));

/** A time as RFC 5280 wants it: UTCTime up to 2049, GeneralizedTime from then on. */
export function time(moment: Date): Buffer {
  const text = moment.toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return moment.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  const big: number[] = [];
  for (let rest = bytes; rest > 0; rest >>= 8) big.unshift(rest & 0xff);
  return Buffer.from([0x80 | big.length, ...big]);
}

function base128(value: number): readonly number[] {
  const digits = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift(0x80 | (rest & 0x7f));
  return digits;
}
