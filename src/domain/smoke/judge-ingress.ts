import { certificateWarningDays, covers, daysLeft } from "../status/certificate.ts";
import type { Autoscaler } from "../status/release-facts.ts";
import { fail, type Judgement, pass, warn } from "./check.ts";

/** The certificate that the ingress showed. */
export interface Served {
  readonly names: readonly string[];
  readonly issuer: string;
  readonly notAfter: Date;
  readonly fingerprint: string;
  readonly protocol: string;
  readonly distrust?: string;
}

/** What the certificate of the Secret says; `unknown` when it may not be read. */
export type ExpectedCertificate =
  | { readonly kind: "fingerprint"; readonly fingerprint: string }
  | { readonly kind: "unknown"; readonly why: string };

/** The certificate from outside: the right one, for the host, trusted, and for how long. */
export function judgeCertificate(served: Served, host: string, expected: ExpectedCertificate, at: Date): Judgement {
  const days = daysLeft(served.notAfter, at);
  const shown = `${served.protocol}, ${served.names[0] ?? "no name"}, by ${served.issuer}, ${days} days left`;
  const same = expected.kind === "fingerprint" && expected.fingerprint === served.fingerprint;
  if (expected.kind === "fingerprint" && !same)
    return fail(
      shown,
      "the ingress serves another certificate than the one in the release's Secret: its controller has not taken it, or shows its own",
    );
  if (days < 0) return fail(shown, "the certificate has expired");
  if (host !== "" && !covers(served.names, host))
    return fail(shown, `the certificate is not for ${host} but for ${served.names.join(", ") || "no name"}`);
  // The Secret's own certificate is the trust that a self-signed or private-CA installation has.
  if (served.distrust !== undefined && !same)
    return warn(
      shown,
      `this host does not trust it (${served.distrust}), and ${expected.kind === "unknown" ? expected.why : "it could not be compared"}`,
    );
  return days < certificateWarningDays ? warn(shown, `it ends in ${days} days`) : pass(shown);
}

/** Plain HTTP must send people to HTTPS on the same host. */
export function judgeRedirect(status: number, location: string | undefined, host: string): Judgement {
  const shown = `${status}${location === undefined ? "" : ` to ${location}`}`;
  if (![301, 302, 307, 308].includes(status)) return fail(shown, "plain HTTP is not sent on to HTTPS");
  const target = location === undefined || !URL.canParse(location) ? undefined : new URL(location);
  if (target?.protocol !== "https:") return fail(shown, "the redirect does not lead to HTTPS");
  return host === "" || target.hostname === host ? pass(shown) : fail(shown, `the redirect leads to another host than ${host}`);
}

/** The front page. */
export function judgePage(status: number, contentType: string | undefined, body: string): Judgement {
  if (status !== 200) return fail(String(status), `the front page answers ${status}`);
  if (contentType?.startsWith("text/html") !== true) return fail(`200 ${contentType ?? ""}`.trim(), "the front page is not HTML");
  const title = /<title>([^<]*)<\/title>/i.exec(body)?.[1]?.trim();
  return pass(`200, ${title === undefined || title === "" ? "HTML" : `"${title}"`}`);
}

/** The three files of the runtime configuration, by name. */
export function judgeRuntimeConfig(files: Readonly<Record<string, { readonly status: number; readonly body: string }>>): Judgement {
  const missing = Object.entries(files).filter(([, file]) => file.status !== 200);
  if (missing.length > 0)
    return fail(
      missing.map(([name, { status }]) => `${name}: ${status}`).join(", "),
      "the browser cannot read its runtime configuration (ConfigMap frontend-config)",
    );
  try {
    JSON.parse(files["feature-flags"]?.body ?? "");
  } catch {
    return fail("feature-flags is no JSON", "the browser cannot read the feature flags");
  }
  return pass(
    `api-base-url ${files["api-base-url"]?.body.trim() || "(the page's own)"}, environment ${files["environment"]?.body.trim() ?? ""}`,
  );
}

/** Whether an autoscaler knows what it scales by. */
export function judgeAutoscalers(autoscalers: readonly Autoscaler[]): Judgement {
  const shown = autoscalers
    .map((one) => `${one.target.name} ${one.metrics.map((metric) => `${metric.name} ${metric.current ?? "?"}/${metric.target}`).join(" ")}`)
    .join(", ");
  const blind = autoscalers.filter(isBlind);
  if (blind.length === 0) return pass(shown);
  const why = blind.map((one) => `${one.name}: ${one.trouble?.message ?? "no figure yet"}`).join("; ");
  return warn(shown, `${blind.length} of ${autoscalers.length} do not know their figures and cannot scale: ${why}`);
}

/** True when a figure is missing or the controller says that it cannot scale. */
export function isBlind(autoscaler: Autoscaler): boolean {
  return autoscaler.trouble !== undefined || autoscaler.metrics.some((metric) => metric.current === undefined);
}
