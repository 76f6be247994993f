import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { Problem } from "../../domain/errors/problem.ts";

const untrusted = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** What the commonest errors of a connection mean. */
const plain: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "its host name is not known here",
  EAI_AGAIN: "its host name could not be resolved",
  EHOSTUNREACH: "no route to it",
  ENETUNREACH: "no route to its network",
};

/** The Problem for a request that got no usable answer: certificate not trusted, client certificate refused, no connection, time over. */
export function connectionProblem(
  error: unknown,
  config: KubeConfig,
  { timedOutAfter, proxy }: { readonly timedOutAfter: number | undefined; readonly proxy?: string | undefined },
): unknown {
  if (error instanceof Problem) return error;
  const address = config.getCurrentCluster()?.server ?? "the cluster";
  const server = proxy === undefined ? address : `${address} (through the proxy ${proxy})`;
  if (timedOutAfter !== undefined) {
    const what = `${server} did not answer within ${timedOutAfter / 1000} s`;
    return new Problem("CLUSTER_UNREACHABLE", {
      what,
      why: "The API server or something in front of it takes the connection and stalls.",
      fix: `Try: ${readyzCommand(config)}`,
      cause: error,
    });
  }
  const { code, message } = describe(error);
  if (untrusted.has(code))
    return new Problem("CLUSTER_UNTRUSTED", { what: `the certificate of ${server} is not trusted: ${message}`, cause: error });
  if (/alert/i.test(message) || code.startsWith("ERR_SSL_TLSV1") || code.startsWith("ERR_SSL_SSLV3")) {
    return new Problem("CLUSTER_UNAUTHORIZED", {
      what: `${server} refused the client certificate: ${message}${expiryNote(config)}`,
      cause: error,
    });
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL")) {
    return new Problem("CLUSTER_NOT_KUBERNETES", { what: `${server} does not speak TLS: ${message}`, cause: error });
  }
  if (code === "ERR_PROXY_TUNNEL")
    return new Problem("CLUSTER_UNREACHABLE", {
      what: `${server}: the proxy answered ${/HTTP\/\S+ (.*)$/.exec(message)?.[1] ?? message}`,
      why: "The proxy does not lead to the API server, or wants a user name and password (407).",
      fix: "Have the way opened, put the API server's host into NO_PROXY, or credentials into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT",
      cause: error,
    });
  return new Problem("CLUSTER_UNREACHABLE", {
    what: `${server} does not answer: ${message}`,
    fix: `Try: ${readyzCommand(config)}`,
    cause: error,
  });
}

/** The Problem for credentials that could not be had at all; what a credential plugin ended with is one already. */
export function credentialProblem(error: unknown, config: KubeConfig): unknown {
  if (error instanceof Problem) return error;
  return new Problem("KUBECONFIG_INVALID", {
    what: `the credentials of context "${config.getCurrentContext()}" cannot be read: ${describe(error).message}`,
    cause: error,
  });
}

/** The Problem for an answer with a good status whose body is not what Kubernetes answers; shows the start of the body. */
export function unreadableAnswer(server: string, path: string, shown: string, cause: unknown): Problem {
  const html = /^\s*<(!doctype|html)/i.test(shown);
  const excerpt = shown.replaceAll(/\s+/g, " ").trim().slice(0, 120);
  return new Problem("CLUSTER_NOT_KUBERNETES", {
    what: `${server}${path} answered ${html ? "a web page" : "something that is not Kubernetes'"}: ${excerpt || "nothing"}`,
    cause,
  });
}

/** " (the certificate of user X expired on …)" when the kubeconfig's client certificate is past its end; else nothing. */
export function expiryNote(config: KubeConfig): string {
  const user = config.getCurrentUser();
  try {
    const pem = user?.certData ? Buffer.from(user.certData, "base64") : user?.certFile ? readFileSync(user.certFile) : undefined;
    if (user === null || pem === undefined) return "";
    const end = new X509Certificate(pem).validToDate;
    return end.getTime() < Date.now()
      ? ` (the client certificate of user "${user.name}" expired on ${end.toISOString().slice(0, 10)})`
      : "";
  } catch {
    return "";
  }
}

function readyzCommand(config: KubeConfig): string {
  return `kubectl --context ${config.getCurrentContext()} get --raw /readyz`;
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: "", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { code, message: plain[code] ?? (error.message === "" ? code : error.message) };
}
