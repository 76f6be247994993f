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
  /** Bytes of stdout and stderr together that are taken; 64 MiB unless told otherwise. */
  readonly mostOutput?: number;
}

/** Runs programs in containers, through the API server. */
export interface PodExec {
  /**
   * Runs a program to its end and gives what it printed, whatever its exit status. Nothing is passed on stdin. Lost connections are not
   * mended: whoever calls must be able to ask again.
   * @throws Problem EXEC_FAILED when it could not be started or nobody knows how it ended, DEADLINE, and the signal's reason
   */
  run(target: ExecTarget, argv: readonly string[], limits: ExecLimits, signal: AbortSignal): Promise<ExecEnded>;
}
