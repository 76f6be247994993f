import type { Answers, Profile } from "./answers.ts";

/** Sizes of the claims, as Kubernetes quantities. */
export interface ClaimSizes {
  readonly postgres: string;
  readonly backup: string;
  readonly redis: string;
}

/** What the chart's profiles ask for (templates/chart/profiles; a test keeps both equal). */
const byProfile: Readonly<Record<Profile, ClaimSizes>> = {
  trial: { postgres: "50Gi", backup: "50Gi", redis: "10Gi" },
  small: { postgres: "200Gi", backup: "200Gi", redis: "10Gi" },
  standard: { postgres: "200Gi", backup: "200Gi", redis: "10Gi" },
  large: { postgres: "200Gi", backup: "200Gi", redis: "10Gi" },
};

/** The answers that decide sizes. */
export interface SizedAnswers extends Pick<Answers, "profile" | "storage"> {
  readonly backup: { readonly repository: Pick<Answers["backup"]["repository"], "size"> };
}

/** The sizes that an installation with these answers claims: as answered, else by profile. */
export function claimSizes(answers: SizedAnswers): ClaimSizes {
  const sizes = byProfile[answers.profile];
  return {
    postgres: answers.storage.postgres ?? sizes.postgres,
    backup: answers.backup.repository.size ?? sizes.backup,
    redis: answers.storage.redis ?? sizes.redis,
  };
}
