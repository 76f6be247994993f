import type { Answers } from "../src/domain/answers/answers.ts";
import type { Wanted } from "../src/domain/capacity/wanted-pods.ts";
import type { Facts } from "../src/domain/facts/facts.ts";
import type { Judgement } from "../src/domain/judgement.ts";
import type { Reading } from "../src/domain/reading.ts";
import type { Release } from "../src/domain/release/release.ts";

export type { Judgement } from "../src/domain/judgement.ts";

/** What every check judges; a check reads nothing else, so that saved facts give the same verdicts anywhere. */
export interface CheckInput {
  readonly facts: Facts;
  readonly answers: Answers;
  /** Paths of answers that nobody gave yet (`registry.host`, `ingress.host`): what stands there is a placeholder. */
  readonly undecided: ReadonlySet<string>;
  /** The release of the bundle; absent without one. */
  readonly release?: Release;
  /** Pods and claims of the rendered chart; unavailable when it could not be rendered. */
  readonly wanted: Reading<Wanted>;
}

/** Facts that a check reads; `rendered` is the chart. */
type Need = keyof Facts | "rendered";

/** What a release asks of a cluster, whatever is answered. */
export interface ReleaseInput {
  readonly facts: { readonly cluster: Pick<Facts["cluster"], "version">; readonly nodes: Facts["nodes"] };
  readonly release?: Release;
}

/** One preflight check: data about it, and a pure judgement of what it reads. */
export interface Check<Input = CheckInput> {
  /** Kebab-case, stable: what --skip-check takes. */
  readonly id: string;
  readonly title: string;
  /** Why it matters: what goes wrong later when it fails. */
  readonly why: string;
  readonly needs: readonly Need[];
  /** Judges; an empty answer means that there is nothing to judge with these answers. */
  assess(input: Input): readonly Judgement[];
}
