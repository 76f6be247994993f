import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type SandboxDocument, status } from "../index.ts";
import { namespaceOf, processesIn } from "../lifecycle/processes.ts";
import { until } from "../until.ts";
import { apply, type Cluster, makeNamespace, waitFor } from "./kubectl.ts";
import { pod } from "./workloads.ts";

const namespace = "supervision";

/** Path of the program that a process runs; empty when it has ended since it was listed. */
const programOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] ?? "";
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
};

/** The process of a daemon, by its id on the machine itself; throws unless there is exactly one. */
const processOf = ({ pid: init }: SandboxDocument, daemon: string): number => {
  const running = processesIn("pid", namespaceOf(init, "pid") ?? "").filter((pid) => {
    return programOf(pid).endsWith(`/${daemon}`);
  });
  const [pid] = running;
  if (pid === undefined || running.length > 1) throw new Error(`${running.length} processes are called ${daemon}`);
  return pid;
};

/** That a daemon's death is mended and told. */
export const describeSupervision = (cluster: Cluster) =>
  describe.each(["kube-scheduler", "kubelet", "containerd"])("%s killed", (daemon) => {
    const state = () => status(cluster().name)?.daemons.find(({ name }) => name === daemon);

    test("is started again, the restart is counted, and pods start as before", async () => {
      const before = state()?.restarts ?? 0;
      const killed = processOf(cluster(), daemon);
      process.kill(killed, "SIGKILL");
      await until(`the restart of ${daemon}`, () => (state()?.restarts === before + 1 && state()?.state === "running" ? true : undefined), {
        deadlineMs: 15_000,
      });
      expect(processOf(cluster(), daemon)).not.toBe(killed);
      expect(readFileSync(`${cluster().logDir}/supervisor.log`, "utf8")).toContain(`${daemon} was ended by SIGKILL`);
      const own = `${namespace}-${daemon}`;
      await makeNamespace(cluster(), own);
      await apply(cluster(), pod({ namespace: own, name: "after" }));
      await waitFor(cluster(), own, "pod/after", "condition=Ready");
      expect(state()?.restarts).toBe(before + 1);
    });
  });
