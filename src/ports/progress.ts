/** How far a running action is; `total` is absent while it is not known. */
export interface Advance {
  readonly done: number;
  readonly total?: number;
  readonly unit: "bytes" | "items";
  /** What is being done just now: an image, a pod and what it waits for. */
  readonly note?: string;
}

/** What the workflows tell while they run; the terminal, a log and a test each listen in their own way. */
export type ProgressEvent =
  /** Everything that is going to run, in order; told once, before the first `started`. */
  | { readonly kind: "planned"; readonly actions: readonly { readonly id: string; readonly title: string }[] }
  | { readonly kind: "started"; readonly id: string; readonly title: string }
  | { readonly kind: "advanced"; readonly id: string; readonly advance: Advance }
  /** Several lines that replace what the action showed before (a live table of a rollout). */
  | { readonly kind: "view"; readonly id: string; readonly lines: readonly string[] }
  | { readonly kind: "done"; readonly id: string; readonly note?: string }
  /** Not run, because an earlier run did it or there is nothing to do. */
  | { readonly kind: "skipped"; readonly id: string; readonly title: string; readonly reason: string }
  | { readonly kind: "failed"; readonly id: string; readonly what: string }
  | { readonly kind: "note"; readonly text: string };

/** Where progress goes (stderr; never stdout, which carries the result only). */
export interface Progress {
  tell(event: ProgressEvent): void;
}
