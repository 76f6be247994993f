import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { verifiedPresenter } from "../../../src/cli/presenters/bundle.ts";
import { problemText } from "../../../src/cli/presenters/problem.ts";
import { createStyle } from "../../../src/cli/presenters/style.ts";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { counted } from "../../../src/domain/units.ts";
import { makeBundle } from "../../fakes/made-bundle.ts";
import { captured } from "./captured.ts";

const plain = (columns?: number) => createStyle(false, columns);

describe("what is counted", () => {
  it("is named in the singular where there is one, and in the plural for none and many", async () => {
    expect([0, 1, 2].map((count) => counted(count, "file"))).toEqual(["0 files", "1 file", "2 files"]);
    const bundle = await makeBundle({ seed: 4, layerSize: 1000 });
    try {
      expect(verifiedPresenter.text(bundle.summary, plain())).toMatch(/: \d+ blobs and 1 file, /);
    } finally {
      bundle.remove();
    }
  });
});

describe("an action that fails", () => {
  it("is told as failed in one line, and why in the error alone", async () => {
    const bundle = await makeBundle({ seed: 6, layerSize: 50_000 });
    try {
      const content = readFileSync(bundle.path);
      content.writeUInt8(content.readUInt8(content.length - 60_000) ^ 1, content.length - 60_000);
      writeFileSync(bundle.path, content);
      const { code, stderr } = await captured(["bundle", "verify", bundle.path]);
      const [begun, ended, error] = stderr.split("\n");
      expect([code, begun, ended]).toEqual([7, `... Verify ${bundle.path}`, `!!  Verify ${bundle.path}`]);
      expect(error).toMatch(/^error BUNDLE_ALTERED .* is altered: /);
      expect(stderr.match(/is altered/g)).toHaveLength(1);
    } finally {
      bundle.remove();
    }
  });
});

describe("an error on a narrow terminal", () => {
  const problem = new Problem("CLUSTER_UNREACHABLE", {
    what: "https://kubernetes.client.example:6443 does not answer: the connection was refused",
    why: "The API server's address is wrong, a firewall or proxy is in the way, or it is down; all of these look the same from here.",
    fix: "Try: kubectl --kubeconfig /home/anna/clients/acme/kubeconfig --context acme-production get --raw /readyz",
  });

  it("has its prose folded below its label, at words, and its commands left whole", () => {
    expect(problemText(problem, plain(80), false).split("\n")).toEqual([
      "error CLUSTER_UNREACHABLE  https://kubernetes.client.example:6443 does not",
      "       answer: the connection was refused",
      "  why  The API server's address is wrong, a firewall or proxy is in the way, or",
      "       it is down; all of these look the same from here.",
      "  fix  Try: kubectl --kubeconfig /home/anna/clients/acme/kubeconfig --context acme-production get --raw /readyz",
      "",
    ]);
  });

  it("keeps the lines of a list as they are", () => {
    const listed = new Problem("ANSWERS_MISSING", { what: "1 answer is missing:\n  --bundle FILE  MIGRATECTL_BUNDLE\n      the bundle" });
    expect(problemText(listed, plain(80), false)).toContain("missing:\n  --bundle FILE  MIGRATECTL_BUNDLE\n      the bundle\n  why");
  });

  it("tells a cause once: not what was told, not what another cause has said", () => {
    const cause = new Error("refused by the kernel", {
      cause: new Error("the connection was refused", { cause: new Error("refused by the kernel") }),
    });
    const caused = new Problem("CLUSTER_UNREACHABLE", { what: "it does not answer: the connection was refused", cause });
    expect(problemText(caused, plain(), false).match(/^ {2}from .*/gm)).toEqual(["  from refused by the kernel"]);
  });
});
