/** What a tool is needed for: `sandbox up`, making images, the bundle (which carries it), or the tests on top. */
export type Purpose = "cluster" | "images" | "bundle" | "tests";

/** How the version of a command is asked, and what a fitting answer looks like. */
export type VersionCheck = { readonly args: readonly string[]; readonly fits: RegExp };

/** A program or file that a Debian package brings, when it is not there already. */
type DebianRequirement = {
  readonly kind: "debian";
  readonly purpose: Purpose;
  /** A command looked for on PATH, or an absolute path. */
  readonly file: string;
  readonly package: string;
  readonly version?: VersionCheck;
};

/** Commands that one Go program brings, when they are not on PATH in a fitting version. */
export type GoRequirement = {
  readonly kind: "go";
  readonly purpose: Purpose;
  /** What `go build` is given in the folder go/, whose go.mod pins the version. */
  readonly package: string;
  readonly program: string;
  /** Names under which the program is started; itself where it has one role only. */
  readonly commands: readonly string[];
  /** Built by a call of its own: it shares the name of another program, or imports a package whose path differs from another's in case only. */
  readonly alone?: true;
  /** How the same commands on PATH are judged; without it they are always built: pods run them and need them static, or a bundle carries them. */
  readonly version?: VersionCheck;
};

/** Anything the sandbox needs on the machine. */
export type Requirement = DebianRequirement | GoRequirement;

const debian = (purpose: Purpose, file: string, name: string, version?: VersionCheck): DebianRequirement => ({
  kind: "debian",
  purpose,
  file,
  package: name,
  ...(version && { version }),
});

const versionIs = (fits: RegExp, ...args: readonly string[]): VersionCheck => ({ args, fits });

/** Version of Kubernetes that go/go.mod pins; the daemons report it. */
const kubernetesVersion = "v1.34.4";
/** Version of Helm that go/go.mod pins: the newest that is built on the same Kubernetes libraries, so that these are compiled once. */
const helmVersion = "v4.0.5";
/** Version of Helm 3 that go/go.mod pins. */
const helm3Version = "v3.19.5";

/** Everything the sandbox needs. */
export const requirements: readonly Requirement[] = [
  debian("cluster", "etcd", "etcd-server", versionIs(/etcd Version: 3\.[4-6]/, "--version")),
  debian("cluster", "containerd", "containerd", versionIs(/ 1\.[67]\./, "--version")),
  debian("cluster", "ctr", "containerd"),
  debian("cluster", "runc", "runc", versionIs(/runc version 1\./, "--version")),
  debian("cluster", "/usr/lib/cni/ptp", "containernetworking-plugins"),
  debian("cluster", "/usr/lib/cni/portmap", "containernetworking-plugins"),
  debian("cluster", "docker-registry", "docker-registry"),
  debian("cluster", "htpasswd", "apache2-utils"),
  debian("cluster", "/usr/sbin/nginx", "nginx-light"),
  debian("cluster", "/bin/busybox", "busybox-static"),
  debian("cluster", "/usr/share/doc/busybox-static", "busybox-static"),
  debian("cluster", "iptables", "iptables"),
  debian("cluster", "nft", "nftables"),
  debian("cluster", "conntrack", "conntrack"),
  debian("cluster", "ip", "iproute2"),
  debian("cluster", "openssl", "openssl", versionIs(/OpenSSL 3\./, "version")),
  debian("cluster", "unshare", "util-linux"),
  debian("cluster", "nsenter", "util-linux"),
  debian("images", "/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"),
  debian("tests", "skopeo", "skopeo"),
  debian("tests", "qemu-aarch64-static", "qemu-user-static"),
  debian("tests", "tmux", "tmux"),
  debian("tests", "curl", "curl"),
  {
    kind: "go",
    purpose: "cluster",
    package: ".",
    program: "sandbox-kube",
    commands: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl"],
    version: versionIs(/v1\.34\./, "--version"),
  },
  {
    kind: "go",
    purpose: "cluster",
    package: ".",
    program: "sandbox-kube",
    commands: ["coredns", "metrics-server"],
  },
  {
    kind: "go",
    purpose: "cluster",
    package: "github.com/rancher/local-path-provisioner",
    program: "local-path-provisioner",
    commands: ["local-path-provisioner"],
    alone: true,
  },
  {
    kind: "go",
    purpose: "bundle",
    package: "helm.sh/helm/v4/cmd/helm",
    program: "helm",
    commands: ["helm"],
  },
  {
    // What a client may still have on PATH.
    kind: "go",
    purpose: "tests",
    package: "helm.sh/helm/v3/cmd/helm",
    program: "helm3",
    commands: ["helm3"],
    alone: true,
  },
  {
    kind: "go",
    purpose: "tests",
    package: "github.com/google/go-containerregistry/cmd/crane",
    program: "crane",
    commands: ["crane"],
  },
];

/** Flags of the linker: nothing for debuggers, and the versions that the programs report. */
export const linkerFlags = [
  "-s -w",
  `-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`,
  "-X k8s.io/component-base/version.gitMajor=1",
  "-X k8s.io/component-base/version.gitMinor=34",
  `-X helm.sh/helm/v4/internal/version.version=${helmVersion}`,
  `-X helm.sh/helm/v3/internal/version.version=${helm3Version}`,
  "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1",
  "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=34",
].join(" ");
