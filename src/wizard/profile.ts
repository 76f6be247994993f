import { type Profile, profileSchema } from "../domain/answers/answers.ts";
import { type ClaimSizes, claimSizes } from "../domain/answers/claim-sizes.ts";
import { type Situation, textAt } from "./question.ts";

/** The profile as far as it is decided, else the one that is offered first. */
export function profileAt(situation: Situation): Profile {
  return profileSchema.catch("small").parse(textAt(situation, "profile"));
}

/** The sizes that the profile alone decides. */
export function profileSizes(situation: Situation): ClaimSizes {
  return claimSizes({ profile: profileAt(situation), storage: {}, backup: { repository: {} } });
}

/** The sizes as answered so far, else as the profile has them. */
export function sizesAt(situation: Situation): ClaimSizes {
  const [postgres, redis] = [textAt(situation, "storage.postgres"), textAt(situation, "storage.redis")];
  return claimSizes({ profile: profileAt(situation), storage: { postgres, redis }, backup: { repository: {} } });
}
