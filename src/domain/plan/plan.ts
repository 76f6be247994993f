import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";

/** One action of a plan: what will be done, what it touches, and what it costs. Nothing in it is secret. */
const plannedActionSchema = z.object({
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

/** The workflows that run from a plan. */
const workflowNameSchema = z.enum(["install", "upgrade", "rollback", "uninstall", "restore", "undo-restore"]);

/** Name of a workflow. */
export type WorkflowName = z.infer<typeof workflowNameSchema>;

/** The words that a person types for each workflow. */
export const commandOf: Readonly<Record<WorkflowName, string>> = {
  install: "migratectl install",
  upgrade: "migratectl upgrade",
  rollback: "migratectl rollback",
  uninstall: "migratectl uninstall",
  restore: "migratectl backup restore",
  "undo-restore": "migratectl backup undo",
};

/** What a plan is for: everything but its actions. */
const planSubjectSchema = z.object({
  release: z.object({ name: z.string(), namespace: z.string(), version: z.string() }),
  /** UID of kube-system: the cluster this plan is for, and no other. */
  clusterUid: z.string(),
  bundleDigest: z.string().optional(),
  /** sha256 of what the actions work from (values, manifests): other input is another plan. */
  inputs: z.record(z.string(), z.string()),
});

/** Release, cluster, bundle and inputs of a plan. */
export type PlanSubject = Readonly<z.infer<typeof planSubjectSchema>>;

/** The plan: a versioned document that --dry-run prints, the run directory keeps and the runner executes action by action. */
export const planSchema = planSubjectSchema.extend({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("Plan"),
  workflow: workflowNameSchema,
  actions: z.array(plannedActionSchema),
});

/** A plan of a workflow. */
export type Plan = Readonly<z.infer<typeof planSchema>>;

/**
 * The text whose hash names the plan: what is to be done to which release, from which inputs. Words, estimates and what an action will
 * still find to do stay out of it, so that a run on another machine, by another user or after an interruption finds its journal.
 */
export function planIdentity({ workflow, release, bundleDigest, inputs, actions }: Plan): string {
  return canonicalJson({ workflow, release, bundleDigest, inputs, actions: actions.map(({ id }) => id) });
}
