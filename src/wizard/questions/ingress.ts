import { offered } from "../offered.ts";
import { answerAt, type Question, type Situation, textAt, type VerifyStep } from "../question.ts";

const published = (situation: Situation) => answerAt(situation, "ingress.enabled") !== false;
const mode = (wanted: string) => (situation: Situation) => published(situation) && textAt(situation, "ingress.tls.mode") === wanted;

/** How people reach the platform. */
export const ingressQuestions: readonly (Question | VerifyStep)[] = [
  {
    kind: "confirm",
    path: "ingress.enabled",
    depth: "basic",
    message: "Make the platform reachable from outside the cluster?",
    suggest: () => true,
  },
  {
    kind: "text",
    path: "ingress.host",
    depth: "basic",
    message: "DNS name of the platform",
    hint: "such as migrate.client.example",
    when: published,
  },
  {
    kind: "choice",
    path: "ingress.kind",
    depth: "more",
    message: "How is it published?",
    when: published,
    choices: ({ cluster }) =>
      [
        { value: "ingress", name: "Ingress" },
        { value: "gateway", name: "Gateway API", needs: "gateway.networking.k8s.io/" },
        { value: "route", name: "OpenShift Route", needs: "route.openshift.io/" },
      ].filter(({ needs }) => needs === undefined || cluster === undefined || has(cluster.apiVersions, needs)),
    suggest: () => "ingress",
  },
  {
    kind: "choice",
    path: "ingress.className",
    depth: "basic",
    message: "Ingress class",
    when: (situation) => published(situation) && (answerAt(situation, "ingress.kind") ?? "ingress") === "ingress",
    choices: ({ cluster }) => offered(cluster?.ingressClasses),
    suggest: ({ cluster }) =>
      cluster?.ingressClasses.kind === "known" ? cluster.ingressClasses.value.find((one) => one.isDefault)?.name : undefined,
    orSkip: true,
  },
  {
    kind: "text",
    path: "ingress.controllerNamespace",
    depth: "more",
    message: "Namespace of the ingress controller",
    suggest: () => "ingress-nginx",
    when: published,
  },
  {
    kind: "choice",
    path: "ingress.tls.mode",
    depth: "basic",
    message: "Where does the certificate come from?",
    when: published,
    choices: ({ cluster }) => [
      { value: "files", name: "from files on this host", description: "certificate and key as PEM" },
      { value: "secret", name: "from a Secret in the namespace", description: "of type kubernetes.io/tls" },
      ...(cluster === undefined || has(cluster.apiVersions, "cert-manager.io/")
        ? [{ value: "cert-manager", name: "from cert-manager" }]
        : []),
      { value: "self-signed", name: "made by migratectl, self-signed", description: "for trials: browsers will warn" },
    ],
    suggest: () => "files",
  },
  {
    kind: "text",
    path: "ingress.tls.certFile",
    depth: "basic",
    message: "PEM file with the certificate and its chain",
    when: mode("files"),
    check: (situation, checks) => checks.readable(textAt(situation, "ingress.tls.certFile") ?? ""),
  },
  {
    kind: "text",
    path: "ingress.tls.keyFile",
    depth: "basic",
    message: "PEM file with its private key",
    when: mode("files"),
    check: (situation, checks) => checks.readable(textAt(situation, "ingress.tls.keyFile") ?? ""),
  },
  {
    kind: "verify",
    about: "the certificate",
    paths: ["ingress.tls.certFile", "ingress.tls.keyFile"],
    async run(situation, checks) {
      const [certFile, keyFile] = [textAt(situation, "ingress.tls.certFile"), textAt(situation, "ingress.tls.keyFile")];
      return certFile === undefined || keyFile === undefined
        ? undefined
        : checks.certificate(certFile, keyFile, textAt(situation, "ingress.host"));
    },
  },
  {
    kind: "text",
    path: "ingress.tls.secretName",
    depth: "basic",
    message: "Name of the Secret with the certificate",
    when: mode("secret"),
  },
  { kind: "text", path: "ingress.tls.issuer", depth: "basic", message: "Name of the cert-manager issuer", when: mode("cert-manager") },
  {
    kind: "choice",
    path: "ingress.tls.issuerKind",
    depth: "more",
    message: "Kind of that issuer",
    when: mode("cert-manager"),
    choices: () => [
      { value: "ClusterIssuer", name: "ClusterIssuer", description: "serves every namespace" },
      { value: "Issuer", name: "Issuer", description: "serves its own namespace only" },
    ],
    suggest: () => "ClusterIssuer",
  },
];

function has(apiVersions: readonly string[], group: string): boolean {
  return apiVersions.some((version) => version.startsWith(group));
}
