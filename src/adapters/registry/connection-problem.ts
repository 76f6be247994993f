import { Problem } from "../../domain/errors/problem.ts";
import { TooLong } from "./exchange.ts";
import { Transient } from "./retry.ts";

const untrusted = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
]);

const outsideValidity = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

const plainWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there (connection refused)",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  ETIMEDOUT: "the connection attempt timed out",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no way to that network",
};

/**
 * What a request without a usable answer becomes: a Problem for what stays as it is (certificate, protocol, unknown name), a
 * {@link Transient} for what may pass. Problems of the content's source go through unchanged, and so does a RangeError, which is a mistake
 * of ours: trying it again would tell it as a fault of the network.
 */
export function connectionProblem(error: unknown, host: string): Error {
  if (error instanceof Problem || error instanceof Transient || error instanceof RangeError) return error;
  const { code, message } = describe(error);
  const problem = (name: ConstructorParameters<typeof Problem>[0], what: string) => new Problem(name, { what, cause: error });
  if (error instanceof TooLong) return problem("REGISTRY_NOT_A_REGISTRY", `${host}: ${error.message}`);
  if (untrusted.has(code)) return problem("REGISTRY_UNTRUSTED", `the certificate of ${host} is not trusted: ${message}`);
  if (outsideValidity.has(code))
    return problem(
      "REGISTRY_CERTIFICATE_EXPIRED",
      `the certificate of ${host} is ${code === "CERT_HAS_EXPIRED" ? "expired" : "not valid yet"}`,
    );
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return problem("REGISTRY_CERTIFICATE_NAME", `the certificate of ${host} is for another name: ${message}`);
  if (/wrong.version.number|packet.length.too.long|http.request/i.test(`${code} ${message}`)) {
    return problem("REGISTRY_EXPECTS_HTTP", `${host} does not speak TLS`);
  }
  if (code.startsWith("ERR_SSL") || code === "EPROTO") return problem("REGISTRY_UNREACHABLE", `no TLS connection to ${host}: ${message}`);
  if (code === "ERR_PROXY_TUNNEL") return proxyProblem(error, host, message);
  if (code === "ENOTFOUND") return problem("REGISTRY_UNREACHABLE", `the name of ${host} does not resolve`);
  if (code.startsWith("HPE_")) return problem("REGISTRY_NOT_A_REGISTRY", `${host} does not answer in HTTP: ${message}`);
  return new Transient(problem("REGISTRY_UNREACHABLE", `${host}: ${plainWords[code] ?? message}`));
}

/** A proxy that answers 5xx may find the way later; one that wants a password or forbids the way stays with that. */
function proxyProblem(error: unknown, host: string, message: string): Error {
  const status = error instanceof Error && "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 0;
  const problem = new Problem("REGISTRY_UNREACHABLE", {
    what: `${host}: the proxy answered ${/HTTP\/\S+ (.*)$/.exec(message)?.[1] ?? message}`,
    why: status === 407 ? "The proxy wants a user name and password." : "The proxy of the environment does not lead to the registry.",
    fix:
      status === 407
        ? "Put them into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT"
        : "Have the proxy's owner open the way, or put the registry's host into NO_PROXY if it is to be asked directly.",
    cause: error,
  });
  return status >= 400 && status < 500 ? problem : new Transient(problem);
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: "", message: String(error) };
  // Node tries every address of a name and puts the failures together.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  if (first instanceof Error) return describe(first);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { code, message: error.message === "" ? code : (error.message.split("\n", 1)[0] ?? "") };
}
