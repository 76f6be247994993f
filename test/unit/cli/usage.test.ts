import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { commands } from "../../../src/cli/commands.ts";
import { errorSchema } from "../../../src/cli/presenters/error-schema.ts";
import { captured } from "./captured.ts";

const folder = mkdtempSync(join(tmpdir(), "migratectl-usage-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** A kubeconfig that is not there keeps every command that gets past its flags from a cluster. */
const nowhere = { KUBECONFIG: join(folder, "none"), HOME: folder };

/** What is typed, and the very text that a person sees for it. */
const table: readonly { readonly typed: string; readonly env?: Record<string, string>; readonly what: string; readonly fix: string }[] = [
  {
    typed: "instal",
    what: 'there is no command "instal"',
    fix: "Did you mean: migratectl install? See all commands: migratectl help",
  },
  {
    typed: "bundel inspect x",
    what: 'there is no command "bundel"',
    fix: "Did you mean: migratectl bundle inspect? See all commands: migratectl help",
  },
  {
    typed: "inspect x.bundle",
    what: 'there is no command "inspect"',
    fix: "Did you mean: migratectl bundle inspect? See all commands: migratectl help",
  },
  {
    typed: "bundle nonsense",
    what: 'there is no command "bundle nonsense"',
    fix: "There are: bundle create, bundle inspect, bundle verify, bundle push. See: migratectl help bundle",
  },
  {
    typed: "help instal",
    what: 'there is no command "instal"',
    fix: "Did you mean: migratectl install? See all commands: migratectl help",
  },
  {
    typed: "--bundle x install",
    what: "--bundle stands where the command belongs",
    fix: "Write the command first, such as: migratectl status --json. See: migratectl help",
  },
  {
    typed: "status --kubeconfg x",
    what: "status has no flag --kubeconfg",
    fix: "Did you mean --kubeconfig? See: migratectl status --help",
  },
  {
    typed: "install --profil small --bundel x",
    what: "install has no flags --profil, --bundel",
    fix: "Did you mean --profile for --profil, --bundle for --bundel? See: migratectl install --help",
  },
  { typed: "status --nonsense", what: "status has no flag --nonsense", fix: "See: migratectl status --help" },
  {
    typed: "status extra",
    what: "status takes no arguments, and more was given",
    fix: "See: migratectl status --help",
  },
  {
    typed: "bundle verify a b",
    what: "bundle verify takes only FILE, and more was given",
    fix: "See: migratectl bundle verify --help",
  },
  {
    typed: "bundle inspect",
    what: "bundle inspect needs FILE, the bundle to look at",
    fix: "See: migratectl bundle inspect --help",
  },
  {
    typed: "bundle create",
    what: "--release DIR and --out FILE are missing",
    fix: "See: migratectl bundle create --help",
  },
  { typed: "install --airgap", what: "--airgap needs --bundle as well", fix: "See: migratectl install --help" },
  {
    typed: "install --bundle a --release b",
    what: "--bundle and --release exclude one another",
    fix: "See: migratectl install --help",
  },
  {
    typed: "install --release b",
    env: { MIGRATECTL_BUNDLE: "a" },
    what: "MIGRATECTL_BUNDLE and --release exclude one another",
    fix: "See: migratectl install --help",
  },
  {
    typed: "install --airgap=yes --bundle x",
    what: "--airgap takes no value",
    fix: "Write --airgap alone. See: migratectl install --help",
  },
  {
    typed: "install --ingress=false --bundle x",
    what: "--ingress takes no value",
    fix: "Write --ingress alone, or --no-ingress for the opposite. See: migratectl install --help",
  },
  { typed: "install --bundle", what: "--bundle has no value", fix: "Write it as --bundle FILE. See: migratectl install --help" },
  {
    typed: "install --bundle a --bundle b",
    what: "--bundle was given more than once",
    fix: "Give it once. See: migratectl install --help",
  },
  {
    typed: "status --log-level debgu",
    what: "--log-level must be one of error, warn, info, debug",
    fix: "Did you mean debug? See: migratectl status --help",
  },
  { typed: "status --timeout 5", what: "--timeout is not a duration", fix: "Write it as 90s, 20m or 1h30m." },
  {
    typed: "status",
    env: { MIGRATECTL_TIMEOUT: "soon" },
    what: "MIGRATECTL_TIMEOUT is not a duration",
    fix: "Write it as 90s, 20m or 1h30m.",
  },
  {
    typed: "smoke --ingress-address a --ingress-http-port 0",
    what: "--ingress-http-port must be a whole number from 1 to 65535",
    fix: "See: migratectl smoke --help",
  },
  {
    typed: "smoke --ingress-address a/b",
    what: "--ingress-address is not HOST[:PORT]",
    fix: "Write it as 10.0.0.7 or ingress.client.example:8443.",
  },
  {
    typed: "install --bundle x --skip-check storage-room",
    what: "a --skip-check has no reason",
    fix: 'Write it as --skip-check "ID=REASON": whoever reads the record wants to know why.',
  },
];

describe("a command line that is not understood", () => {
  it.each(table)("is told what is wrong and how to write it: $typed", async ({ typed, env = {}, what, fix }) => {
    const { code, stdout, stderr } = await captured(typed.split(" "), { ...nowhere, ...env });
    const [first, why, third, ...rest] = stderr.split("\n");
    expect([first, third]).toEqual([`error USAGE  ${what}`, `  fix  ${fix}`]);
    expect(why).toMatch(/^ {2}why {2}\S.*\.$/);
    expect(rest, "no cause in other words, no stack").toEqual([""]);
    expect([code, stdout]).toEqual([2, ""]);
  });

  it.each(table)("is the one JSON document on stdout under --json: $typed", async ({ typed, env = {}, what, fix }) => {
    const { code, stdout, stderr } = await captured([...typed.split(" "), "--json"], { ...nowhere, ...env });
    expect(errorSchema.parse(JSON.parse(stdout)).error).toMatchObject({ code: "USAGE", what, fix, exit: 2 });
    expect([code, stderr]).toEqual([2, ""]);
  });

  it("is told once in one error with everything that is missing, aligned, each with its flag and variable", async () => {
    const { code, stderr } = await captured(["install", "--registry-username", "ci"], { ...nowhere });
    expect(code).toBe(2);
    expect(stderr).toBe(
      [
        "error ANSWERS_MISSING  4 answers are missing:",
        "  --bundle FILE                  MIGRATECTL_BUNDLE",
        "      the bundle that the vendor sent; or, in a clone, --release bundles/VERSION",
        "  --registry HOST[/PREFIX]       MIGRATECTL_REGISTRY",
        "      registry that the cluster's nodes pull from, and that push writes to",
        "  --registry-password-file FILE  MIGRATECTL_REGISTRY_PASSWORD_FILE",
        "      file that holds the password for the registry",
        "  --ingress-host HOST            MIGRATECTL_INGRESS_HOST",
        "      DNS name under which people reach the platform",
        "  why  migratectl never invents an answer that only you can know.",
        "  fix  Give the flags or set the variables that are named above, or run `migratectl configure`, which asks and writes migratectl.yaml.",
        "",
      ].join("\n"),
    );
  });

  it("is told by render with the folder that it needs, too", async () => {
    const { stdout } = await captured(["render", "--json"], nowhere);
    const { error } = errorSchema.parse(JSON.parse(stdout));
    expect(error.data?.["missing"]).toEqual([
      { flag: "--out" },
      { flag: "--bundle", environment: "MIGRATECTL_BUNDLE" },
      { answer: "registry.host", flag: "--registry", environment: "MIGRATECTL_REGISTRY" },
      { answer: "ingress.host", flag: "--ingress-host", environment: "MIGRATECTL_INGRESS_HOST" },
    ]);
  });

  it("is not told by configure to run configure", async () => {
    const { stderr } = await captured(["configure"], nowhere);
    expect(stderr).toMatch(/^error ANSWERS_MISSING .*fix {2}Give the flags or set the variables .* run this on a terminal without --yes/s);
    expect(stderr).not.toContain("migratectl configure");
  });
});

describe("a secret on the command line", () => {
  const canary = "hunter2-canary";

  it.each(["--registry-password", "--llm-api-key"])("is refused with what to do instead, whichever way it is written: %s", async (flag) => {
    for (const written of [[`${flag}=${canary}`], [flag, canary]]) {
      const { code, stderr } = await captured(["install", ...written], nowhere);
      expect(code).toBe(2);
      expect(stderr).toContain(`there is no flag ${flag}: a secret is not taken from the command line`);
      expect(stderr).toContain(`give ${flag}-file FILE, or set MIGRATECTL_${flag.slice(2).toUpperCase().replaceAll("-", "_")}.`);
      expect(stderr).not.toContain(canary);
    }
  });

  it("is in no usage error, whatever flag of whatever command it is given to, misspelt or not", async () => {
    let tried = 0;
    for (const [name, load] of Object.entries(commands)) {
      const { flags, baseFlags } = await load();
      for (const flag of Object.keys({ ...flags, ...baseFlags })) {
        const lines = [
          [`--${flag}x=${canary}`],
          [`--${flag}x`, canary],
          [`--${flag}=${canary}`, "--no-such-flag"],
          [`--${flag}`, canary, "--no-such-flag"],
          [`--${flag}=${canary}`, `--${flag}=${canary}`, "superfluous", canary, `-x${canary}`],
        ];
        for (const line of lines) {
          const { code, stdout, stderr } = await captured([...name.split(" "), ...line], { ...nowhere, MIGRATECTL_LOG_LEVEL: "debug" });
          expect(code, `${name} ${line.join(" ")}`).toBe(2);
          expect(stdout + stderr, `${name} ${line.join(" ")}`).toMatch(/"code": "USAGE"|^error USAGE/);
          expect(stdout + stderr, `${name} ${line.join(" ")}`).not.toContain(canary);
          tried += 1;
        }
      }
    }
    expect(tried).toBeGreaterThan(1000);
  });

  it("is not told when it stands before the command, or after a command that does not exist", async () => {
    for (const line of [[`--registry-password=${canary}`, "install"], ["instal", `--registry-password=${canary}`], [`-p${canary}`]]) {
      const { code, stdout, stderr } = await captured(line, nowhere);
      expect(code).toBe(2);
      expect(stdout + stderr).not.toContain(canary);
    }
  });
});
