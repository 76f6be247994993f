import { z } from "zod";
import { counted, formatBytes } from "../../domain/units.ts";
import type { RenderResult } from "../../workflow/render/render-to-folder.ts";
import type { Presenter } from "./presenter.ts";
import { profileText } from "./profile.ts";
import { table } from "./style.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("Render"),
  release: z.strictObject({ name: z.string(), namespace: z.string(), version: z.string() }),
  profile: z.string(),
  kubeVersion: z.string(),
  folder: z.string(),
  /** False in a dry run. */
  written: z.boolean(),
  files: z.array(z.strictObject({ name: z.string(), bytes: z.int(), sha256: z.string() })),
  images: z.array(z.string()),
});

/** What `render` wrote, and where. */
export const renderPresenter: Presenter<RenderResult> = {
  name: "render",
  schema,
  json: (result) => ({ apiVersion: "migratectl/v1", kind: "Render", ...result }),
  text({ release, profile, kubeVersion, folder, written, files, images }, style) {
    const rows = files.map(({ name, bytes, sha256 }) => [`  ${name}`, formatBytes(bytes), style.dim(`sha256:${sha256.slice(0, 12)}`)]);
    return [
      `${style.bold(`${release.name} ${release.version}`)} for Kubernetes ${kubeVersion}, ${profileText(profile, style)}, namespace ${release.namespace}`,
      `${written ? "written to" : "would be written to"} ${folder}`,
      table(rows),
      `${counted(images.length, "image")}, ${images.filter((image) => image.includes("@sha256:")).length} of them by digest`,
    ].join("\n");
  },
};
