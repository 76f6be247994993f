import type { Finding } from "../src/domain/finding.ts";
import type { Check, CheckInput, Judgement } from "./check.ts";
import { unknown } from "./judgement.ts";

/**
 * Findings of all checks, in the order of the list. A check that throws becomes an `unknown` finding and the others go on;
 * `skips` gives the reason by id of the check and marks whatever that check found.
 */
export function judge<Input = CheckInput>(
  checks: readonly Check<Input>[],
  input: Input,
  skips: ReadonlyMap<string, string>,
): readonly Finding[] {
  return checks.flatMap((check) => {
    const skipped = skips.get(check.id);
    return judgements(check, input).map((judgement) => ({
      check: check.id,
      title: check.title,
      ...judgement,
      why: check.why,
      ...(skipped === undefined ? {} : { skipped }),
    }));
  });
}

function judgements<Input>(check: Check<Input>, input: Input): readonly Judgement[] {
  try {
    return check.assess(input);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [
      unknown(
        `the check itself failed: ${message}`,
        check.title,
        "Send the facts (--save-facts FILE) to the vendor's support; the other checks are not affected.",
      ),
    ];
  }
}
