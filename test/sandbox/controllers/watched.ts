import { type KubeConfig, type KubernetesListObject, type KubernetesObject, makeInformer } from "@kubernetes/client-node";

/** A collection of the cluster that is kept up to date. */
export type Watched<T> = { readonly list: () => readonly T[] };

/** Keeps a collection up to date and calls `changed` after every change; a watch that breaks is made again. Resolves when the first list is there. */
export const watch = async <T extends KubernetesObject>(
  kubeconfig: KubeConfig,
  path: string,
  list: () => Promise<KubernetesListObject<T>>,
  changed: () => void,
): Promise<Watched<T>> => {
  const informer = makeInformer<T>(kubeconfig, path, list);
  for (const event of ["add", "update", "delete"] as const) informer.on(event, changed);
  informer.on("error", (error: unknown) => {
    console.error(`the watch of ${path} broke and is made again: ${error instanceof Error ? error.message : String(error)}`);
    setTimeout(() => {
      informer.start().catch((reason: unknown) => console.error(`the watch of ${path} cannot be made: ${String(reason)}`));
    }, 500);
  });
  await informer.start();
  return { list: () => informer.list() };
};

/** Gives a function that asks for one run of `work` soon; runs never overlap, and requests that come during one are met by one more. */
export const coalesced = (work: () => Promise<void>, delayMs: number): (() => void) => {
  let wanted = false;
  let busy = false;
  const go = (): void => {
    if (busy || !wanted) return;
    busy = true;
    setTimeout(() => {
      wanted = false;
      work()
        .catch((error: unknown) => {
          console.error(error instanceof Error ? error.stack : String(error));
          // What failed is due again: the cluster's state did not reach its effect.
          setTimeout(request, 1000);
        })
        .finally(() => {
          busy = false;
          go();
        });
    }, delayMs);
  };
  const request = (): void => {
    wanted = true;
    go();
  };
  return request;
};
