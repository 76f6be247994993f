/** What the primary tells of those that follow it. */
export interface Replication {
  readonly replicas: readonly {
    readonly name: string;
    /** `streaming`, `catchup`, `startup`, `backup` … */
    readonly state: string;
    /** WAL that is written and not replayed there yet; undefined before the first report. */
    readonly lagBytes: number | undefined;
  }[];
  readonly slots: readonly {
    readonly name: string;
    readonly active: boolean;
    /** WAL that is kept on the primary's volume because of it; undefined when none can be. */
    readonly keptBytes: number | undefined;
    /** True when what its replica needs next is gone. */
    readonly lost: boolean;
  }[];
}
