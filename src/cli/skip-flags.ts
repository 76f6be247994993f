import * as Flags from "@oclif/core/flags";
import { Problem } from "../domain/errors/problem.ts";

/** `--skip-check`, for preflight and for what runs it. */
export const skipFlags = {
  "skip-check": Flags.string({
    description: "let a failed check pass, with the reason, which is kept in the record; may be given several times",
    helpValue: "ID=REASON",
    multiple: true,
    multipleNonGreedy: true,
  }),
};

/** Reasons by id of check. @throws Problem USAGE when a reason is missing */
export function parseSkips(given: readonly string[] = []): ReadonlyMap<string, string> {
  return new Map(
    given.map((text) => {
      const [id = "", ...rest] = text.split("=");
      const reason = rest.join("=").trim();
      if (id.trim() === "" || reason === "")
        throw new Problem("USAGE", {
          what: "a --skip-check has no reason",
          fix: 'Write it as --skip-check "ID=REASON": whoever reads the record wants to know why.',
        });
      return [id.trim(), reason] as const;
    }),
  );
}
