/** One request as it came in. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  /** Bytes of the body that were read. */
  bytes: number;
  status: number;
}

/** What goes wrong with a request. */
export type Fault =
  /** An answer in place of the right one. */
  | { readonly kind: "answer"; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** The connection is cut after some bytes of the request's body. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** The request is carried out, and the connection cut before the answer. */
  | { readonly kind: "lost-answer" }
  /** The right answer, with its content only after so many milliseconds. */
  | { readonly kind: "slow-content"; readonly milliseconds: number }
  /** The right answer, cut off in the middle of its content. */
  | { readonly kind: "half-content" };

interface PlannedFault {
  readonly when: (request: Seen) => boolean;
  readonly fault: Fault;
  left: number;
}

/** The faults that are planned, in the order in which they were. */
export class Faults {
  private readonly planned: PlannedFault[] = [];

  /** Lets the next `times` requests that match go wrong. */
  plan(when: (request: Seen) => boolean, fault: Fault, times: number): void {
    this.planned.push({ when, fault, left: times });
  }

  /** What goes wrong with this request; it counts as one of the planned times. */
  next(seen: Seen): Fault | undefined {
    const found = this.planned.find(({ left, when }) => left > 0 && when(seen));
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  }
}
