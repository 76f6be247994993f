/** A certificate and its key, as PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Makes and reads certificates. */
export interface Certificates {
  /** A self-signed server certificate for a DNS name, valid from a day before `from` for so many days. */
  selfSigned(host: string, from: Date, days: number): Promise<KeyPair>;
  /** When the first certificate of a PEM text ends and which DNS names it is for; undefined when it is none. */
  read(pem: string): { readonly notAfter: Date; readonly names: readonly string[] } | undefined;
}
