import { Problem } from "../errors/problem.ts";
import { type Instant, second, shifted } from "./instant.ts";
import { type Lsn, parseLsn } from "./lsn.ts";
import { parseTime } from "./time.ts";

/** What a person wants the database to be recovered to. */
export type RecoveryTarget =
  /** Everything committed until then, and nothing later. */
  | { readonly kind: "time"; readonly at: Instant }
  /** Everything up to and with the record at this LSN, on the living history unless a timeline is given. */
  | { readonly kind: "lsn"; readonly lsn: Lsn }
  /** A restore point made with pg_create_restore_point(). */
  | { readonly kind: "name"; readonly name: string }
  /** The moment at which that backup is consistent. */
  | { readonly kind: "backup"; readonly label: string }
  /** The newest commit in the archive. */
  | { readonly kind: "latest" };

/** What target texts are read against. */
export interface ReadingTime {
  readonly now: Instant;
  /** IANA name of this host's zone, for the advice on times without one: `Europe/Berlin`. */
  readonly hostZone: string;
}

const span = { d: 86_400n, h: 3600n, m: 60n, s: 1n } as const;

/**
 * The target of `--to-time`: RFC 3339 with an offset, or a span back from now such as `-15m`, `-2h30m`, `-1d`.
 * @throws Problem TIME_INVALID, TIME_WITHOUT_ZONE, TIME_IN_FUTURE
 */
export function timeTarget(text: string, { now, hostZone }: ReadingTime): RecoveryTarget {
  const at = parseBack(text.trim(), now) ?? parseTime(text.trim(), hostZone);
  if (at > now) {
    throw new Problem("TIME_IN_FUTURE", {
      what: `${text} lies ${Math.ceil(Number(at - now) / Number(second))} s in the future.`,
      data: { text },
    });
  }
  return { kind: "time", at };
}

/** The target of `--to-lsn`. @throws Problem RECOVERY_TARGET_INVALID */
export function lsnTarget(text: string): RecoveryTarget {
  const lsn = parseLsn(text.trim());
  if (lsn === undefined) throw new Problem("RECOVERY_TARGET_INVALID", { what: `${text} is no LSN.`, data: { text } });
  return { kind: "lsn", lsn };
}

function parseBack(text: string, now: Instant): Instant | undefined {
  const [, spans] = /^-((?:\d{1,6}[dhms])+)$/.exec(text) ?? [];
  if (spans === undefined) return undefined;
  const parts = [...spans.matchAll(/(\d+)([dhms])/g)];
  const seconds = parts.reduce((sum, [, count = "0", unit]) => sum + BigInt(count) * span[unit as keyof typeof span], 0n);
  return shifted(now, -seconds * second);
}
