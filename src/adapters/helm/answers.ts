import { z } from "zod";
import type { HelmRelease } from "../../ports/helm.ts";

const chartMetadata = z.looseObject({ version: z.string(), appVersion: z.string().default("") });

const releaseSchema = z.looseObject({
  name: z.string(),
  version: z.int(),
  info: z.looseObject({ status: z.string(), description: z.string().default("") }),
  chart: z.looseObject({ metadata: chartMetadata }),
});

const historySchema = z.array(
  z.looseObject({
    revision: z.int(),
    status: z.string(),
    chart: z.string(),
    app_version: z.string().default(""),
    description: z.string().default(""),
  }),
);

/** The release that `helm upgrade --output json` prints. */
export function readRelease(stdout: string): HelmRelease {
  const { name, version, info, chart } = releaseSchema.parse(JSON.parse(stdout));
  return {
    name,
    revision: version,
    status: info.status,
    chartVersion: chart.metadata.version,
    appVersion: chart.metadata.appVersion,
    description: info.description,
  };
}

/** The revisions that `helm history --output json` prints, oldest first. */
export function readHistory(release: string, stdout: string): readonly HelmRelease[] {
  return historySchema.parse(JSON.parse(stdout)).map((one) => ({
    name: release,
    revision: one.revision,
    status: one.status,
    chartVersion: /-(v?[0-9]+\.[0-9]+\.[0-9]+.*)$/.exec(one.chart)?.[1] ?? one.chart,
    appVersion: one.app_version,
    description: one.description,
  }));
}
