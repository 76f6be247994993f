import type { InstallMode } from "../../domain/facts/install-mode.ts";
import { distinct, helpful, type Right } from "../../domain/facts/rights.ts";
import { helmRights } from "../helm/rights.ts";
import { objectsRights } from "./objects-rights.ts";
import { releaseRecordsRights } from "./release-records/release-records.ts";
import { tunnelRights } from "./tunnel/tunnel.ts";
import { workloadsRights } from "./workloads/rights.ts";

/**
 * Every right that an installation uses, from what the adapters declare of their methods. What is only helpful and cluster-wide is left
 * out: the facts that it is for are read, and tell themselves when they may not be.
 */
export function installRights(mode: InstallMode): readonly Right[] {
  const { createNamespace, ...objects } = objectsRights;
  const all = [
    ...(mode.createsNamespace ? createNamespace : []),
    ...[objects, workloadsRights, releaseRecordsRights].flatMap((methods) => Object.values(methods).flat()),
    ...tunnelRights,
    ...helmRights(mode),
    ...helpful("keep answers and secrets with the backups", "get,create pods/exec"),
  ];
  return distinct(all).filter((right) => right.vital || right.scope === "namespace");
}
