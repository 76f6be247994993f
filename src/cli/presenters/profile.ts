import type { Style } from "./style.ts";

/** A result, and the size of the platform that it is about; absent when Helm's record may not be read. */
export type Sized<R> = R & { readonly profile: string | undefined };

/** A sizing profile as reports name it; that trial is no size to work with is said wherever it appears. */
export function profileText(profile: string, style: Style): string {
  return profile === "trial" ? `profile trial${style.yellow(" (for evaluation only)")}` : `profile ${profile}`;
}

/** The same as the end of a sentence that may have no profile to tell. */
export function profilePhrase(profile: string | undefined, style: Style): string {
  return profile === undefined ? "" : `, ${profileText(profile, style)}`;
}
