import { z } from "zod";
import type { Presenter } from "./presenter.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("Version"),
  version: z.string(),
  node: z.string(),
  platform: z.string(),
});

/** The version, and what runs it. */
export const versionPresenter = {
  name: "version",
  schema,
  json: (version) => ({
    apiVersion: "migratectl/v1",
    kind: "Version",
    version,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  }),
  text: (version) => `migratectl/${version} ${process.platform}-${process.arch} node-${process.version}\n`,
} as const satisfies Presenter<string>;
