import { answersErrors } from "./catalogue/answers.ts";
import { backupErrors } from "./catalogue/backup.ts";
import { bundleErrors } from "./catalogue/bundle.ts";
import { clusterErrors } from "./catalogue/cluster.ts";
import { generalErrors } from "./catalogue/general.ts";
import { helmErrors } from "./catalogue/helm.ts";
import { installErrors } from "./catalogue/install.ts";
import { recoveryErrors } from "./catalogue/recovery.ts";
import { registryErrors } from "./catalogue/registry.ts";
import { scratchErrors } from "./catalogue/scratch.ts";
import { smokeErrors } from "./catalogue/smoke.ts";
import { upgradeErrors } from "./catalogue/upgrade.ts";

/** Every error a user can meet, by code. docs/errors is generated from it, and a test provokes each one. */
export const catalogue = {
  ...generalErrors,
  ...answersErrors,
  ...clusterErrors,
  ...registryErrors,
  ...backupErrors,
  ...bundleErrors,
  ...helmErrors,
  ...installErrors,
  ...smokeErrors,
  ...recoveryErrors,
  ...scratchErrors,
  ...upgradeErrors,
} as const;

/** The code of one error in the {@link catalogue}. */
export type ErrorCode = keyof typeof catalogue;
