import type { Facts } from "../domain/facts/facts.ts";
import type { CertificateFact, HostFact } from "../domain/facts/host.ts";
import type { Reading } from "../domain/reading.ts";

/** The machine that migratectl runs on, and what can be seen from it. */
export interface HostFacts {
  /** System, memory and the disk of the run directory. */
  host(signal: AbortSignal): Promise<Omit<HostFact, "helm">>;
  /** Addresses of a host name, as this machine resolves it. */
  resolve(host: string, signal: AbortSignal): Promise<NonNullable<Facts["ingressAddresses"]>>;
  /** Reads a certificate file and checks it against its key and the host name; never gives the key away. */
  certificate(
    files: { readonly certFile: string; readonly keyFile: string },
    host: string | undefined,
    signal: AbortSignal,
  ): Promise<Reading<CertificateFact>>;
}
