/** A way into the platform from outside: an Ingress, an HTTPRoute or a Route. */
export interface EntryPoint {
  readonly kind: "Ingress" | "HTTPRoute" | "Route";
  readonly name: string;
  readonly host: string;
  /** Secret with the certificate; absent when TLS is off or ends elsewhere. */
  readonly tlsSecret?: string;
  readonly tls: boolean;
  readonly className?: string;
  /** Addresses its controller has published. */
  readonly addresses: readonly string[];
  /** Path prefixes and the Service behind each. */
  readonly paths: readonly { readonly path: string; readonly service: string }[];
}

/** A Service of the release. */
export interface ServiceFact {
  readonly name: string;
  readonly component: string;
  readonly type: string;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
}

/** One metric of an autoscaler; `current` is absent while it is unknown. */
interface AutoscalerMetric {
  /** `cpu`, `memory`, or the external metric's name. */
  readonly name: string;
  readonly target: string;
  readonly current?: string;
}

/** A HorizontalPodAutoscaler. */
export interface Autoscaler {
  readonly name: string;
  readonly target: { readonly kind: string; readonly name: string };
  readonly minimum: number;
  readonly maximum: number;
  readonly metrics: readonly AutoscalerMetric[];
  /** Why it cannot scale (condition ScalingActive or AbleToScale false); absent when it can. */
  readonly trouble?: { readonly reason: string; readonly message: string };
}

/** A CronJob of the release and how its last runs ended. */
export interface BackupJob {
  readonly name: string;
  readonly component: string;
  readonly schedule: string;
  readonly suspended: boolean;
  readonly createdAt: Date;
  readonly lastScheduled?: Date;
  readonly lastSuccessful?: Date;
  readonly active: number;
}

/** A certificate as read from its PEM; the key is no part of it. */
export interface CertificateFacts {
  readonly names: readonly string[];
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly selfSigned: boolean;
  /** SHA-256, upper-case hex with colons. */
  readonly fingerprint: string;
}

/** The public part of a TLS Secret: PEM of the chain and of the CA, and what the first certificate says. */
export interface PublicCertificate {
  readonly chainPem: string;
  readonly caPem?: string;
  readonly facts: CertificateFacts;
}

/** What Helm's record says of a release; nothing secret is kept of it. */
export interface HelmFacts {
  readonly revision: number;
  /** deployed, failed, pending-install, pending-upgrade, uninstalling … */
  readonly status: string;
  readonly chartName: string;
  readonly chartVersion: string;
  readonly appVersion: string;
  readonly deployedAt?: Date;
  /** Sizing profile in the values, when they name one. */
  readonly profile?: string;
}
