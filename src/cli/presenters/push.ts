import { z } from "zod";
import { digestSchema, shortDigest } from "../../domain/digest.ts";
import { formatRegistryAddress } from "../../domain/image-reference.ts";
import { counted, formatBytes, formatSeconds } from "../../domain/units.ts";
import type { PushOutcome } from "../../workflow/bundle/push-bundle.ts";
import type { PlannedImage, PushPlan } from "../../workflow/bundle/push-plan.ts";
import type { Presenter } from "./presenter.ts";
import { type Style, table } from "./style.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("BundlePush"),
  bundle: z.string(),
  registry: z.string(),
  dryRun: z.boolean(),
  plan: z.strictObject({
    bytes: z.int().nonnegative(),
    presentBytes: z.int().nonnegative(),
    uploads: z.int().nonnegative(),
    mounts: z.int().nonnegative(),
    images: z.array(
      z.strictObject({
        name: z.string(),
        reference: z.string(),
        state: z.enum(["present", "missing", "moves"]),
        from: digestSchema.optional(),
      }),
    ),
  }),
  result: z
    .strictObject({
      references: z.array(z.string()),
      sentBytes: z.int(),
      uploadedBlobs: z.int(),
      mountedBlobs: z.int(),
      presentImages: z.int(),
      seconds: z.number(),
    })
    .optional(),
});

/** What `bundle push` did, or would do. */
export const pushPresenter: Presenter<PushOutcome> = {
  name: "bundle-push",
  schema,
  json({ bundle, plan, result, seconds }) {
    const images = plan.images.map(({ image, reference, state }) => ({
      name: image.name,
      reference,
      state: state.kind,
      ...(state.kind === "moves" ? { from: state.from } : {}),
    }));
    const counted = { bytes: plan.bytes, presentBytes: plan.presentBytes, uploads: uploads(plan), mounts: mounts(plan), images };
    const done = result === undefined ? {} : { result: { ...result, seconds: seconds ?? 0 } };
    return {
      apiVersion: "migratectl/v1",
      kind: "BundlePush",
      bundle,
      registry: formatRegistryAddress(plan.target),
      dryRun: result === undefined,
      plan: counted,
      ...done,
    };
  },
  text: ({ plan, result, seconds = 0 }, style) => {
    const list = table(plan.images.map((planned) => [`  ${mark(planned, style)}`, planned.reference]));
    if (result === undefined) return `${style.bold("would push")} to ${formatRegistryAddress(plan.target)}\n${list}\n${costs(plan)}`;
    const rate = result.sentBytes > 0 && seconds > 0 ? ` (${formatBytes(result.sentBytes / seconds)}/s)` : "";
    const sent = `${formatBytes(result.sentBytes)} sent in ${formatSeconds(seconds)}${rate}, ${counted(result.uploadedBlobs, "blob")} uploaded, ${result.mountedBlobs} mounted`;
    return `${style.green("pushed")} ${counted(plan.images.length, "image")} to ${formatRegistryAddress(plan.target)}, read back by digest\n${list}\n${result.presentImages === plan.images.length ? "everything was there; nothing was sent" : sent}`;
  },
};

function mark({ state }: PlannedImage, style: Style): string {
  if (state.kind === "present") return style.dim("there");
  return state.kind === "missing" ? style.green("new") : style.yellow(`moves from ${shortDigest(state.from)}`);
}

function costs(plan: PushPlan): string {
  return `${formatBytes(plan.bytes)} to send in ${counted(uploads(plan), "blob")}, ${counted(mounts(plan), "mount")} inside the registry, ${formatBytes(plan.presentBytes)} there already`;
}

function uploads({ transfers }: PushPlan): number {
  return transfers.filter(({ mountFrom }) => mountFrom === undefined).length;
}

function mounts({ transfers }: PushPlan): number {
  return transfers.reduce((sum, { into, mountFrom }) => sum + into.length - (mountFrom === undefined ? 1 : 0), 0);
}
