import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gt, satisfies } from "semver";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Migration, migrationsAfter, schemaFaults } from "../../../src/domain/release/migration.ts";
import { releaseSpecSchema } from "../../../src/domain/release/release.ts";
import { type PathRelease, schemaWay, upgradePath } from "../../../src/domain/upgrade/path.ts";
import { Dice } from "../../campaign/dice.ts";
import { problemOf } from "../../fakes/problem-of.ts";

/** A release of the project's own bundles folder. */
const own = (version: string): PathRelease =>
  releaseSpecSchema.parse(parse(readFileSync(join(import.meta.dirname, `../../../bundles/${version}/release.yaml`), "utf8")));
const release = (version: string, upgradeFrom: string, stops: readonly string[] = []): PathRelease => ({
  version,
  upgradeFrom,
  stops: [...stops],
  schema: { to: version },
  migrations: [],
});
const installed = (version: string) => ({ name: "shop", version });
const [first, middle, second] = [own("1.0.0"), own("1.1.0"), own("2.0.0")];
const versions = (way: readonly PathRelease[]) => way.map(({ version }) => version);

describe("the way from one release to another", () => {
  it("is one step where the release allows it", () => {
    expect(versions(upgradePath(installed("1.0.0"), middle, []))).toEqual(["1.1.0"]);
  });

  it("goes stop by stop where all bundles are at hand, and otherwise names the first that is missing and its bundle", async () => {
    expect(versions(upgradePath(installed("1.0.0"), second, [first, middle, second]))).toEqual(["1.1.0", "2.0.0"]);
    const problem = await problemOf(() => upgradePath(installed("1.0.0"), second, [first]));
    expect(problem.code).toBe("UPGRADE_STOP_MISSING");
    expect(problem.message).toBe("from 1.0.0 to 2.0.0 the release needs 1.1.0 first; its bundle is named migrate-platform-1.1.0.bundle");
  });

  it("leads neither to the same version nor back, and not from outside the range", async () => {
    const code = async (from: string, to: PathRelease) => (await problemOf(() => upgradePath(installed(from), to, []))).code;
    expect(await code("1.1.0", middle)).toBe("UPGRADE_SAME_VERSION");
    expect(await code("2.0.0", middle)).toBe("UPGRADE_DOWNGRADE");
    expect(await code("0.9.0", middle)).toBe("UPGRADE_OUT_OF_RANGE");
    // Build metadata makes no other version.
    expect(await code("1.1.0+1", middle)).toBe("UPGRADE_SAME_VERSION");
  });

  it("takes a pre-release for what lies before its release", () => {
    expect(versions(upgradePath(installed("1.1.0-rc.1"), release("1.1.0", ">=1.0.0 <1.1.0"), []))).toEqual(["1.1.0"]);
  });

  it("is found exactly where one exists, the shortest, and each of its hops is allowed (500 random sets of releases)", () => {
    const seed = Number(process.env["MIGRATECTL_TEST_SEED"] ?? Math.floor(Math.random() * 1e6));
    for (let round = 0; round < 500; round += 1) {
      const dice = new Dice(seed, `path ${round}`);
      const all = Array.from({ length: dice.between(2, 7) }, (_, index) => {
        const lowest = dice.between(0, index);
        return release(
          `1.${index + 1}.0`,
          `>=1.${lowest}.0 <1.${index + 1}.0`,
          Array.from({ length: index }, (_, stop) => `1.${stop + 1}.0`).filter(() => dice.chance(0.2)),
        );
      });
      const target = all.at(-1) ?? first;
      const others = all.slice(0, -1).filter(() => dice.chance(0.7));
      const shortest = bruteForce("1.0.0", target, others);
      const told = `seed ${seed}, round ${round}`;
      if (shortest === undefined) {
        expect(() => upgradePath(installed("1.0.0"), target, others), told).toThrow();
        continue;
      }
      const way = upgradePath(installed("1.0.0"), target, others);
      expect(way, told).toHaveLength(shortest);
      way.reduce((from, hop) => {
        expect(allowed(from, hop), `${told}: ${from} to ${hop.version}`).toBe(true);
        return hop.version;
      }, "1.0.0");
    }
  });
});

/** Length of the shortest way, by trying every one; undefined where there is none. */
function bruteForce(from: string, target: PathRelease, others: readonly PathRelease[]): number | undefined {
  if (allowed(from, target)) return 1;
  const lengths = others
    .filter((one) => gt(target.version, one.version) && allowed(from, one))
    .map((one) => bruteForce(one.version, target, others))
    .filter((length) => length !== undefined);
  return lengths.length === 0 ? undefined : 1 + Math.min(...lengths);
}

function allowed(from: string, to: PathRelease): boolean {
  return gt(to.version, from) && satisfies(from, to.upgradeFrom) && to.stops.every((stop) => !gt(stop, from));
}

describe("the way of the database's schema", () => {
  it("begins where the database is, also where an earlier attempt has gone a part of it", () => {
    expect(schemaWay(["0002"], middle, "expand")).toEqual({ found: "0002", to: "0003", migrations: middle.migrations, putOff: [] });
    expect(schemaWay(["0003"], middle, "expand")).toEqual({ found: "0003", to: "0003", migrations: [], putOff: [] });
  });

  it("is refused from a revision that the release does not know, from none, and from several", async () => {
    const unknown = await problemOf(() => schemaWay(["0002"], second, "expand"));
    expect(unknown).toMatchObject({ code: "UPGRADE_SCHEMA_UNKNOWN", message: expect.stringContaining("0002; 2.0.0 knows 0003, 0004") });
    expect((await problemOf(() => schemaWay([], middle, "expand"))).code).toBe("UPGRADE_SCHEMA_DIRTY");
    const several = await problemOf(() => schemaWay(["0002", "0003"], middle, "expand"));
    expect(several).toMatchObject({ code: "UPGRADE_SCHEMA_DIRTY", message: expect.stringContaining("0002, 0003") });
  });

  it("stops before what contracts it, which only finishing runs", () => {
    expect(schemaWay(["0003"], second, "expand")).toEqual({ found: "0003", to: "0003", migrations: [], putOff: second.migrations });
    expect(schemaWay(["0003"], second, "finish")).toEqual({ found: "0003", to: "0004", migrations: second.migrations, putOff: [] });
    const both = { ...second, migrations: [...middle.migrations, ...second.migrations], schema: { from: "0002", to: "0004" } };
    expect(schemaWay(["0002"], both, "expand")).toEqual({
      found: "0002",
      to: "0003",
      migrations: middle.migrations,
      putOff: second.migrations,
    });
  });

  it("leaves what comes after the revision at which it stopped", () => {
    expect(migrationsAfter(second, "0003")).toEqual(["0004"]);
    expect(migrationsAfter(second, "0004")).toEqual([]);
  });

  it("cannot expand again after it has contracted: such a release is refused", () => {
    const release = { schema: { to: "b" }, migrations: [] as Migration[] };
    const step = (id: string, kind: Migration["kind"]): Migration => ({ id, kind, reversible: false });
    expect(schemaFaults({ ...release, migrations: [step("a", "contract"), step("b", "expand")] })).toMatchObject([
      { message: expect.stringContaining("after one that contracts") },
    ]);
    expect(schemaFaults({ ...release, migrations: [step("a", "expand"), step("b", "contract")] })).toEqual([]);
  });
});
