import { z } from "zod";

/** One action of a plan: what will be done, what it touches, and what it costs. Nothing in it is secret. */
export const plannedActionSchema = z.object({
  /** Stable id, unique in the plan, kebab-case; the journal's key. */
  id: z.string(),
  title: z.string(),
  /** Objects and places it creates or changes, for people: `Secret/postgres-credentials`, `registry.example/x/backend`. */
  touches: z.array(z.string()),
  /** Bytes expected over the network; 0 when none worth telling. */
  bytes: z.number().nonnegative(),
  /** Rough seconds expected. */
  seconds: z.number().nonnegative(),
  /** What undoing it means, or why it cannot be undone. */
  undo: z.string(),
});

/** One action of a plan. */
export type PlannedAction = Readonly<z.infer<typeof plannedActionSchema>>;

/** The plan: a versioned document that --dry-run prints, the run directory keeps and the runner executes action by action. */
export const planSchema = z.object({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("Plan"),
  workflow: z.enum(["install", "uninstall"]),
  release: z.object({ name: z.string(), namespace: z.string(), version: z.string() }),
  /** UID of kube-system: the cluster this plan is for, and no other. */
  clusterUid: z.string(),
  bundleDigest: z.string().optional(),
  actions: z.array(plannedActionSchema),
});

/** A plan of a workflow. */
export type Plan = Readonly<z.infer<typeof planSchema>>;
