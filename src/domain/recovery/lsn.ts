import type { z } from "zod";

/** A position in the write-ahead log, in bytes from its beginning. Positions compare with `<` only within one history of timelines. */
export type Lsn = bigint & z.core.$brand<"Lsn">;

/** One file of the write-ahead log: its timeline and its number, counted from 0 at LSN 0/0. */
export interface Segment {
  readonly timeline: number;
  readonly number: number;
}

/** Bytes of a segment unless initdb was told otherwise (`--wal-segsize`). */
export const defaultSegmentBytes = 16 * 1024 ** 2;

/** The LSN of `0/3000028`, with or without leading zeros (pg_waldump pads); undefined when the text is none. */
export function parseLsn(text: string): Lsn | undefined {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) ?? [];
  return high === undefined || low === undefined ? undefined : lsnOf((BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`));
}

/** The LSN that many bytes into the log. */
export function lsnOf(bytes: bigint): Lsn {
  return bytes as Lsn;
}

/** As Postgres prints it: `0/3000028`. */
export function formatLsn(lsn: Lsn): string {
  return `${hex(lsn >> 32n)}/${hex(lsn & 0xffffffffn)}`;
}

/** True for a power of two from 1 MiB to 1 GiB, which is what initdb accepts. */
export function isSegmentBytes(bytes: number): boolean {
  return Number.isInteger(Math.log2(bytes)) && bytes >= 1024 ** 2 && bytes <= 1024 ** 3;
}

/** Number of the segment that holds the byte at this LSN; an LSN on a boundary belongs to the later segment. */
export function segmentAt(lsn: Lsn, segmentBytes: number): number {
  return Number(lsn / BigInt(segmentBytes));
}

/** Number of the segment that holds the last byte before this LSN: what must be there to replay up to it. */
export function segmentBefore(lsn: Lsn, segmentBytes: number): number {
  return lsn === 0n ? 0 : segmentAt(lsnOf(lsn - 1n), segmentBytes);
}

/** The first LSN of the segment of that number. */
export function firstLsn(number: number, segmentBytes: number): Lsn {
  return lsnOf(BigInt(number) * BigInt(segmentBytes));
}

/** The segment after this one on the same timeline. */
export function nextSegment({ timeline, number }: Segment): Segment {
  return { timeline, number: number + 1 };
}

/** The file name `TTTTTTTTXXXXXXXXYYYYYYYY` of a segment. */
export function segmentName({ timeline, number }: Segment, segmentBytes: number): string {
  const perFile = segmentsPerLogFile(segmentBytes);
  return [timeline, Math.floor(number / perFile), number % perFile].map((part) => hex(BigInt(part)).padStart(8, "0")).join("");
}

/** The segment that a file name names; undefined when it names none at this size of segment. */
export function parseSegmentName(name: string, segmentBytes: number): Segment | undefined {
  const [, timeline, log, within] = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/.exec(name) ?? [];
  if (timeline === undefined || log === undefined || within === undefined) return undefined;
  const perFile = segmentsPerLogFile(segmentBytes);
  const [id, index] = [Number.parseInt(timeline, 16), Number.parseInt(within, 16)];
  return id === 0 || index >= perFile ? undefined : { timeline: id, number: Number.parseInt(log, 16) * perFile + index };
}

/** Segments that share the middle part of their name: together 4 GiB. */
function segmentsPerLogFile(segmentBytes: number): number {
  return 2 ** 32 / segmentBytes;
}

function hex(value: bigint): string {
  return value.toString(16).toUpperCase();
}
