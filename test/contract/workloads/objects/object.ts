/** An object as it is sent to an API server; its status, where it has one, is sent apart. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly object[];
  };
  readonly status?: object;
  readonly [field: string]: unknown;
}

/** Labels of an object of the release. */
export function labelsOf(release: string, component: string, version?: string): Readonly<Record<string, string>> {
  return {
    "app.kubernetes.io/instance": release,
    "app.kubernetes.io/name": component,
    ...(version === undefined ? {} : { "app.kubernetes.io/version": version }),
  };
}

/** Names the controller of an object; its uid is nobody's, which only a garbage collector would mind. */
export function controlledBy(apiVersion: string, kind: string, name: string): readonly object[] {
  return [{ apiVersion, kind, name, uid: "00000000-0000-4000-8000-000000000000", controller: true }];
}
