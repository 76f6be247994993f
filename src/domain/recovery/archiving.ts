/** What the primary's archiver did last; times by the database's clock. */
export interface Archiver {
  readonly segment: string | undefined;
  readonly at: Date | undefined;
  readonly failedSegment: string | undefined;
  readonly failedAt: Date | undefined;
}

/** A segment that could not be archived, after all that could. */
export interface ArchivingFailure {
  readonly segment: string;
  readonly at: Date;
  /** When the last segment was archived; undefined when none ever was. */
  readonly lastArchivedAt: Date | undefined;
}

/** How archiving fails at this moment; undefined when the last segment was archived. What is written while it fails can be restored only later, or never. */
export function archivingFailure({ at, failedSegment, failedAt }: Archiver): ArchivingFailure | undefined {
  if (failedSegment === undefined || failedAt === undefined) return undefined;
  if (at !== undefined && at.getTime() > failedAt.getTime()) return undefined;
  return { segment: failedSegment, at: failedAt, lastArchivedAt: at };
}
