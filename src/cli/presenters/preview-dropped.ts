import { z } from "zod";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("PreviewDropped"),
  outcome: z.enum(["planned", "nothing", "dropped"]),
  /** Of the platform that it is about; trial is for evaluation only. Absent when Helm's record may not be read. */
  profile: z.string().optional(),
});

/** What became of the preview. */
export interface PreviewDropped {
  readonly kind: "planned" | "nothing" | "dropped";
}

/** A preview that was given up. */
export const previewDroppedPresenter: Presenter<Sized<PreviewDropped>> = {
  name: "preview-dropped",
  schema,
  json: ({ kind, profile }) => ({
    apiVersion: "migratectl/v1",
    kind: "PreviewDropped",
    outcome: kind,
    ...(profile === undefined ? {} : { profile }),
  }),
  text: ({ kind, profile }, style) =>
    ({
      planned: "The preview would be dropped. Nothing was changed (--dry-run).",
      nothing: "There is no preview.",
      dropped: `${style.green("dropped")}: the preview and its volume`,
    })[kind] + profilePhrase(profile, style),
};
