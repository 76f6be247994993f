import type { Check, CheckInput } from "./check.ts";
import { fail, pass, unread } from "./judgement.ts";

const parts = [
  { flag: "keda", api: "keda.sh/v1alpha1", asked: (answers: CheckInput["answers"]) => answers.features.keda === "on" },
  {
    flag: "service-monitor",
    api: "monitoring.coreos.com/v1",
    asked: (answers: CheckInput["answers"]) => answers.features.serviceMonitor === "on",
  },
] as const;

/** Does the cluster serve the APIs of the optional parts that were asked for? */
export const optionalApis: Check = {
  id: "optional-apis",
  title: "Optional parts",
  why: "A part that was asked for and whose API is missing is left out of the chart without a word.",
  needs: ["discovery"],
  assess({ facts: { discovery }, answers }) {
    return parts
      .filter(({ asked }) => asked(answers))
      .map(({ flag, api }) => {
        const wanted = `the API ${api}, because --${flag} is on`;
        if (discovery.kind !== "known") return unread(discovery, wanted);
        if (discovery.value.served.some(({ groupVersion }) => groupVersion === api)) return pass("it is served", wanted);
        return fail("it is not served", wanted, `Install what serves ${api}, or set --${flag} auto or off.`);
      });
  },
};
