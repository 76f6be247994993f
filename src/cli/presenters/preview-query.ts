import { z } from "zod";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("PreviewAnswer"),
  sql: z.string(),
  /** Of the platform that it is about; trial is for evaluation only. Absent when Helm's record may not be read. */
  profile: z.string().optional(),
  /** One line for each row, columns separated by |, as psql -A -t prints them. */
  rows: z.array(z.string()),
});

/** What a query in the preview gave. */
export interface PreviewAnswer {
  readonly sql: string;
  readonly answer: string;
}

/** The answer of a query, as psql prints it. */
export const previewQueryPresenter: Presenter<Sized<PreviewAnswer>> = {
  name: "preview-answer",
  schema,
  json: ({ sql, answer, profile }) => ({
    apiVersion: "migratectl/v1",
    kind: "PreviewAnswer",
    sql,
    ...(profile === undefined ? {} : { profile }),
    rows: answer === "" ? [] : answer.split("\n"),
  }),
  text: ({ answer, profile }, style) =>
    [style.dim(`asked of the preview${profilePhrase(profile, style)}`), ...(answer === "" ? [] : [answer])].join("\n"),
};
