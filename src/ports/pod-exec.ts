/** One container of one pod. */
export interface ExecTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** How a program that was run in a container ended. */
export interface ExecEnded {
  /** Exit status of the program. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What one run may take. */
export interface ExecLimits {
  /** Milliseconds until the run is given up; the program itself may live on in the container. */
  readonly deadline: number;
  /** Bytes that are kept of stdout and stderr together; 64 MiB unless told otherwise. */
  readonly mostOutput?: number;
}

/** Bytes that flow while a program runs. */
export interface ExecStreams {
  /** Passed on stdin. Older API servers cannot close it: the program has to know by itself where it ends. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Gets stdout piece by piece; while it has not settled nothing more is taken from the connection than fits in memory. */
  readonly stdout: (bytes: Buffer) => Promise<void>;
}

/** A person's terminal, of which every key goes to the program and everything that it prints comes back. */
export interface PersonsTerminal {
  readonly keys: AsyncIterable<Uint8Array>;
  readonly show: (bytes: Buffer) => Promise<void>;
  /** How large it is now. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** Calls back whenever its size has changed; gives what ends that. */
  readonly onResize: (changed: () => void) => () => void;
}

/** Runs programs in containers, through the API server. */
export interface PodExec {
  /**
   * Runs a program to its end and gives what it printed, whatever its exit status. Nothing is passed on stdin. Lost connections are not
   * mended: whoever calls must be able to ask again.
   * @throws Problem EXEC_FAILED when it could not be started or nobody knows how it ended, DEADLINE, and the signal's reason
   */
  run(target: ExecTarget, argv: readonly string[], limits: ExecLimits, signal: AbortSignal): Promise<ExecEnded>;
  /** As `run`, for more bytes than fit in memory. @throws also what the streams threw */
  stream(
    target: ExecTarget,
    argv: readonly string[],
    streams: ExecStreams,
    limits: ExecLimits,
    signal: AbortSignal,
  ): Promise<Omit<ExecEnded, "stdout">>;
  /** Runs a program on a terminal of its own in the container, with a person before it, and gives its exit status. @throws as `run` */
  attach(target: ExecTarget, argv: readonly string[], terminal: PersonsTerminal, limits: ExecLimits, signal: AbortSignal): Promise<number>;
}
