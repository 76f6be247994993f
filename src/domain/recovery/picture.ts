import { formatSeconds } from "../units.ts";
import { type Axis, axisOf, columnOf, ticksOf } from "./axis.ts";
import { formatInstant, type Instant, instantOf, second, secondsBetween } from "./instant.ts";
import type { BackupType } from "./repository.ts";
import { reachesOf } from "./resolve-place.ts";
import type { RestorePoint } from "./restore-point.ts";
import type { RecoverySurvey, Window } from "./windows.ts";

/** How the picture is painted; the style of a presenter fits. */
export interface PictureStyle {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
}

type Cell = "idle" | "living" | "abandoned" | "hole" | "point" | BackupType;

const glyphs: Readonly<Record<Cell, string>> = {
  idle: "·",
  abandoned: "─",
  living: "━",
  hole: "×",
  full: "F",
  diff: "D",
  incr: "I",
  point: "◆",
};
/** Of several things in one column the last of these is drawn. */
const order: readonly Cell[] = ["idle", "abandoned", "living", "incr", "diff", "full", "point", "hole"];
/** Columns before the axis: the number of a timeline and the mark of the living one. */
const gutter = 6;
const narrowest = 40;

/**
 * The windows as lines for a terminal: a time axis (UTC) with one row per timeline, newest first, then by name what cannot be fetched, then
 * every window's ends, because on a long axis a short window is a single mark. Ends are rounded inwards to seconds: what is read can be
 * asked for. The axis fills `columns` (40 at least); the lists below it need 76.
 */
export function drawWindows(
  survey: RecoverySurvey,
  restorePoints: readonly RestorePoint[],
  style: PictureStyle,
  columns: number,
): readonly string[] {
  const { windows, facts } = survey;
  if (windows.length === 0) return ["Nothing can be recovered: there is no usable backup with its WAL."];
  const timelines = [...new Set([...windows, ...facts.sets].map(({ timeline }) => timeline))].toSorted((a, b) => b - a);
  const instants = [...windows.flatMap(({ from, to }) => [from.at, to.at]), ...facts.sets.map(({ finishedAt }) => finishedAt)];
  const axis = axisOf(instants, Math.max(columns, narrowest) - gutter);
  const points = restorePoints.filter((point) => reachesOf(point, survey.reaches).length > 0);
  const rows = timelines.map((timeline) => {
    const head = `${String(timeline).padStart(3)} ${timeline === facts.living ? ">" : " "} `;
    return `${timeline === facts.living ? style.bold(head) : head}${paint(cellsOf(timeline, survey, points, axis), style)}`;
  });
  return [...axisLines(axis, style), ...rows, ...legend(points, style), ...holeLines(windows, style), "", ...windowLines(windows, style)];
}

function axisLines(axis: Axis, style: PictureStyle): readonly string[] {
  let [labels, marks] = ["UTC".padEnd(gutter), ""];
  for (const { column, label, date } of ticksOf(axis)) {
    labels = labels.padEnd(gutter + column) + label;
    marks = `${marks.padEnd(gutter + column)}╵${date === undefined ? "" : ` ${date}`}`;
  }
  return [style.dim(labels), style.dim(marks)];
}

function cellsOf(timeline: number, { windows, facts }: RecoverySurvey, points: readonly RestorePoint[], axis: Axis): readonly Cell[] {
  const cells: Cell[] = Array.from({ length: axis.width }, () => "idle");
  const put = (column: number, cell: Cell): void => {
    if (order.indexOf(cell) > order.indexOf(cells[column] ?? "hole")) cells[column] = cell;
  };
  const own = windows.filter((one) => one.timeline === timeline);
  for (const { from, to, living } of own) {
    for (let column = columnOf(from.at, axis); column <= columnOf(to.at, axis); column++) put(column, living ? "living" : "abandoned");
  }
  for (const set of facts.sets.filter((one) => one.timeline === timeline)) put(columnOf(set.finishedAt, axis), set.type);
  for (const point of points.filter((one) => one.timeline === timeline)) put(columnOf(point.at, axis), "point");
  for (const { to } of own.filter(({ hole }) => hole !== undefined)) {
    const last = columnOf(to.at, axis);
    put(cells[last + 1] === "idle" ? last + 1 : last, "hole");
  }
  return cells;
}

function paint(cells: readonly Cell[], style: PictureStyle): string {
  const painted: Readonly<Record<Cell, (text: string) => string>> = {
    idle: style.dim,
    abandoned: style.yellow,
    living: style.green,
    hole: style.red,
    full: style.bold,
    diff: style.bold,
    incr: style.bold,
    point: style.bold,
  };
  const runs: { readonly cell: Cell; count: number }[] = [];
  for (const cell of cells) {
    const open = runs.at(-1);
    if (open?.cell === cell) open.count += 1;
    else runs.push({ cell, count: 1 });
  }
  return runs.map(({ cell, count }) => painted[cell](glyphs[cell].repeat(count))).join("");
}

function legend(points: readonly RestorePoint[], style: PictureStyle): readonly string[] {
  return [style.dim(`      > written now  ━ living history  ─ abandoned  × hole  F D I backups${points.length > 0 ? "  ◆ named" : ""}`)];
}

function holeLines(windows: readonly Window[], style: PictureStyle): readonly string[] {
  const lines = windows.flatMap(({ hole }) => {
    if (hole === undefined) return [];
    const names = hole.first === hole.last ? hole.firstName : `${hole.firstName} to ${hole.lastName}`;
    return [`${style.red("×")} timeline ${hole.timeline}: ${names} ${hole.kind === "missing" ? "missing" : "twice"}`];
  });
  return [...new Set(lines)];
}

function windowLines(windows: readonly Window[], style: PictureStyle): readonly string[] {
  const newestFirst = windows.toSorted((a, b) => b.timeline - a.timeline || Number(b.to.lsn - a.to.lsn));
  return newestFirst.map(({ timeline, from, to, living, endsBecause, backupOnly }) => {
    const length = formatSeconds(secondsBetween(from.at, to.at)).padStart(11);
    const line = `${String(timeline).padStart(3)}   ${(backupOnly ? `${formatInstant(wholeSecond(to.at))}, end of the backup only` : endsOf(from.at, to.at)).padEnd(44)}  ${length}  ${endsBecause}`;
    return living ? line : style.dim(line);
  });
}

/** The first and the last whole second of a window; its exact beginning where it holds none. */
function endsOf(from: Instant, to: Instant): string {
  const start = instantOf(((from + second - 1n) / second) * second);
  const end = wholeSecond(to);
  return start <= end ? `${formatInstant(start)} to ${formatInstant(end)}` : formatInstant(from);
}

function wholeSecond(at: Instant): Instant {
  return instantOf((at / second) * second);
}
