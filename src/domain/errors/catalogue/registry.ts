import type { CatalogueEntry } from "../problem.ts";

/** Errors of reaching, using and trusting an image registry. */
export const registryErrors = {
  REGISTRY_ADDRESS_INVALID: {
    exit: "usage",
    title: "The registry's address is not valid",
    why: "It is HOST[:PORT][/PREFIX], without scheme, credentials or tag.",
    fix: "Write it as registry.example.com or registry.example.com:5000/team/platform.",
  },
  REGISTRY_CA_INVALID: {
    exit: "usage",
    title: "The file of the registry's CA cannot be used",
    why: "It must hold certificates in PEM form (-----BEGIN CERTIFICATE-----).",
    fix: "Convert it with: openssl x509 -inform der -in FILE -out ca.pem",
  },
  DOCKER_CONFIG_INVALID: {
    exit: "usage",
    title: "docker's config.json cannot be used",
    why: "No user name for the registry was given, so that what `docker login` left on this host counts: $DOCKER_CONFIG/config.json, else ~/.docker/config.json.",
    fix: "Correct the file, or pass --registry-username and --registry-password-file: then it is not looked at.",
  },
  REGISTRY_CREDENTIAL_HELPER: {
    exit: "usage",
    title: "The credential helper of the registry cannot be used",
    why: "docker's config.json names it (credHelpers, credsStore), and no user name for the registry was given.",
    fix: "Try it with: echo HOST | docker-credential-NAME get. Or pass --registry-username and --registry-password-file: then no helper is asked.",
  },
  REGISTRY_UNREACHABLE: {
    exit: "transfer",
    title: "The registry does not answer",
    why: "The name does not resolve, a firewall or proxy is in the way, the port is wrong, or the registry is down.",
    fix: "Try from this machine: curl -v https://HOST/v2/",
  },
  REGISTRY_UNAVAILABLE: {
    exit: "transfer",
    title: "The registry answers, but cannot serve",
    why: "It is overloaded, restarting, or limits the rate; several tries with growing pauses were in vain.",
    fix: "Look at the registry's health, then run the same command again: only what is missing is sent.",
  },
  REGISTRY_UNTRUSTED: {
    exit: "transfer",
    title: "The registry's certificate is signed by an unknown CA",
    why: "The registry uses a private CA that this machine does not know, or something between here and the registry breaks TLS open.",
    fix: "Pass the CA's certificate with --registry-ca FILE. The cluster's nodes need to trust it too.",
  },
  REGISTRY_CERTIFICATE_EXPIRED: {
    exit: "transfer",
    title: "The registry's certificate is outside its time of validity",
    why: "It has expired or is not valid yet, or the clock of this machine is wrong.",
    fix: "Have the certificate renewed by the registry's owner; check the clock with: date -u",
  },
  REGISTRY_CERTIFICATE_NAME: {
    exit: "transfer",
    title: "The registry's certificate is for another name",
    why: "The registry is addressed by a name or IP address that its certificate does not list.",
    fix: "Use one of the names that the certificate lists, or have it issued again for this one.",
  },
  REGISTRY_EXPECTS_HTTP: {
    exit: "transfer",
    title: "The registry speaks plain HTTP",
    why: "A TLS connection was opened, and the answer was not TLS.",
    fix: "Use the registry's TLS port. If it really has none, pass --plain-http; passwords and images then travel in the clear.",
  },
  REGISTRY_EXPECTS_TLS: {
    exit: "transfer",
    title: "The registry speaks TLS",
    why: "Plain HTTP was asked for (--plain-http), and the port wants TLS.",
    fix: "Leave out --plain-http, and pass --registry-ca FILE for a private CA.",
  },
  REGISTRY_NOT_A_REGISTRY: {
    exit: "transfer",
    title: "What answers is not an image registry",
    why: "A web page, a proxy's login page or another service answered in place of the registry API (/v2/).",
    fix: "Check host and port, and try: curl -i https://HOST/v2/",
  },
  REGISTRY_UNAUTHORIZED: {
    exit: "transfer",
    title: "The registry does not accept the credentials",
    why: "User name or password is wrong or expired, or none was given.",
    fix: "Pass --registry-username and --registry-password-file, and check them with: docker login HOST",
  },
  REGISTRY_DENIED: {
    exit: "transfer",
    title: "The registry denies this to the user",
    why: "The account may not push to this path, or is read-only.",
    fix: "Ask the registry's owner for the right to push to the path that is named above, or use another prefix in --registry HOST/PREFIX.",
  },
  REGISTRY_NAME_REFUSED: {
    exit: "transfer",
    title: "The registry does not take the repository's name",
    why: "The project does not exist yet, or the registry limits names or their depth.",
    fix: "Create the project or repository in the registry, or use another prefix in --registry HOST/PREFIX.",
  },
  REGISTRY_QUOTA: {
    exit: "transfer",
    title: "The registry has no room",
    why: "The project's quota is used up, or the registry's disk is full.",
    fix: "Have the quota raised or old images removed, then run the same command again: only what is missing is sent.",
  },
  REGISTRY_TAG_IMMUTABLE: {
    exit: "transfer",
    title: "The registry does not let a tag be moved",
    why: "The tag exists with other content, and the registry keeps tags immutable.",
    fix: "Find out who pushed the other image; use another prefix in --registry HOST/PREFIX, or have the tag removed.",
  },
  REGISTRY_REFUSED: {
    exit: "transfer",
    title: "The registry refused a request",
    why: "A rule of the registry, or of a proxy before it, refused it.",
    fix: "Read the registry's reason above; ask its owner about rules for this path.",
  },
  REGISTRY_LOCATION_REFUSED: {
    exit: "transfer",
    title: "The registry sends uploads or log-ins somewhere unsafe",
    why: "It named another host for an upload, or plain HTTP for a log-in; credentials and images are not sent there.",
    fix: "Have the registry's owner correct its external URL (REGISTRY_HTTP_HOST, X-Forwarded-Proto of the proxy before it).",
  },
  REGISTRY_CORRUPTED: {
    exit: "transfer",
    title: "The registry has other content than was sent",
    why: "Reading back by digest gave something else: a faulty disk, or a proxy that alters what passes.",
    fix: "Run the same command again. If it stays, ask the registry's owner to check its storage and the proxies before it.",
  },
} as const satisfies Record<string, CatalogueEntry>;
