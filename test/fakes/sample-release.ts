import { bundledReleaseSchema, type Release, releaseImageSchema } from "../../src/domain/release/release.ts";

const repositories = {
  frontend: "migrate-platform/frontend",
  backend: "migrate-platform/backend",
  "mcp-assessment-tools": "migrate-platform/mcp-assessment-tools",
  postgres: "migrate-platform/postgres",
  redis: "migrate-platform/redis",
  pgbouncer: "migrate-platform/pgbouncer",
  "postgres-exporter": "prometheuscommunity/postgres-exporter",
};

/** A release as a bundle's manifest describes it, with digests that name no real content. */
export const sampleRelease: Release = {
  ...bundledReleaseSchema.parse({
    apiVersion: "migratectl/v1",
    kind: "Release",
    version: "1.0.0",
    chart: { name: "migrate-platform", version: "1.0.0", digest: `sha256:${"c".repeat(64)}` },
    schema: { to: "0002" },
    kubernetes: ">=1.24.0-0",
    upgradeFrom: "<1.0.0",
  }),
  images: Object.entries(repositories).map(([name, repository], index) =>
    releaseImageSchema.parse({
      name,
      repository,
      tag: "1.0.0",
      digest: `sha256:${(index + 1).toString(16).repeat(64)}`,
      mediaType: "application/vnd.oci.image.index.v1+json",
      platforms: ["linux/amd64", "linux/arm64"],
      size: 500,
    }),
  ),
};
