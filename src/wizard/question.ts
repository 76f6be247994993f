import type { Draft } from "../domain/answers/draft.ts";
import type { FieldPath } from "../domain/answers/fields.ts";
import { valueAt } from "../domain/answers/tree.ts";
import type { AnswerChecks } from "../ports/answer-checks.ts";
import type { ClusterOffer, OfferedContexts } from "../ports/cluster-offers.ts";
import type { Choice, Verdict } from "../ports/prompter.ts";

/** What a question may look at: the answers so far, and what was found. */
export interface Situation {
  readonly draft: Draft;
  readonly contexts: OfferedContexts;
  /** Absent when no cluster answers. */
  readonly cluster: ClusterOffer | undefined;
  /** How much the person wants to see. */
  readonly depth: "basic" | "more";
  /** What the environment holds, for offering a variable as the place of a secret. */
  readonly hasEnvironment: (name: string) => boolean;
}

interface Common {
  /** The answer that the question is about; its flag, help and schema are those of the field. */
  readonly path: FieldPath;
  readonly message: string;
  /** What helps to answer, shown beside the message until it is answered. */
  readonly hint?: string;
  /** `more` is asked only when the person wants to see everything. */
  readonly depth: Situation["depth"];
  /** Absent: always. */
  readonly when?: (situation: Situation) => boolean;
}

interface Suggesting extends Common {
  readonly suggest?: (situation: Situation) => string | undefined;
  /** What is suggested is what the profile has: taken as it is, the answer is left out, so that it goes on following the profile. */
  readonly fromProfile?: true;
}

/** A line of text. */
export interface TextQuestion extends Suggesting {
  readonly kind: "text";
  /** An empty line leaves the answer out. */
  readonly optional?: true;
  /** Judges the answer (in the situation already) against the world, after the schema has judged its form. */
  readonly check?: (situation: Situation, checks: AnswerChecks, signal: AbortSignal) => Promise<Verdict>;
}

/** One of a list; a list with one choice is taken without asking, and said so. Values are written as a flag would be given. */
export interface ChoiceQuestion extends Suggesting {
  readonly kind: "choice";
  /** Undefined or empty: nothing to offer, so the question becomes one for text (or is left out, when `orSkip`). */
  readonly choices: (situation: Situation) => readonly Choice<string>[] | undefined;
  readonly orSkip?: true;
}

/** Yes or no. */
export interface ConfirmQuestion extends Common {
  readonly kind: "confirm";
  readonly suggest: (situation: Situation) => boolean;
}

/** Where a secret is: asks for a place, never for the value. */
export interface SecretQuestion extends Common {
  readonly kind: "secret";
  /** What happens when it is left out, as a choice that comes first; absent: it is needed. */
  readonly orElse?: string;
}

/** One question of the wizard, as data. */
export type Question = TextQuestion | ChoiceQuestion | ConfirmQuestion | SecretQuestion;

/** Judges several answers together; when they do not fit, the person may give those of `paths` again or keep them as they are. */
export interface VerifyStep {
  readonly kind: "verify";
  readonly about: string;
  readonly paths: readonly FieldPath[];
  readonly run: (situation: Situation, checks: AnswerChecks, signal: AbortSignal) => Promise<Verdict>;
}

/** The answer at a path so far, when it is text. */
export function textAt({ draft }: Pick<Situation, "draft">, path: FieldPath): string | undefined {
  const value = valueAt(draft.tree, path.split("."));
  return typeof value === "string" ? value : undefined;
}

/** The answer at a path so far. */
export function answerAt({ draft }: Situation, path: FieldPath): unknown {
  return valueAt(draft.tree, path.split("."));
}
