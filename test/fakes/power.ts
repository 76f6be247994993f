/** The end of a process: thrown by everything once the power is cut. */
class PowerCut extends Error {
  override readonly name = "PowerCut";
}

/**
 * Simulates kill -9: the n-th change that the process makes to the world, or its first call of the named method, is cut off, either before
 * it happened or after it happened but before the process heard of it. From then on the process can do nothing any more.
 */
export class Power {
  private readonly cutAt: number | string;
  private readonly moment: "before" | "after";
  private count = 0;
  private cut = false;

  constructor(cutAt: number | string = Number.POSITIVE_INFINITY, moment: "before" | "after" = "before") {
    this.cutAt = cutAt;
    this.moment = moment;
  }

  /** Changes made so far. */
  get changes(): number {
    return this.count;
  }

  get isCut(): boolean {
    return this.cut;
  }

  /** The port as this process sees it; methods whose name begins with one of the verbs change the world. */
  plug<P extends object>(port: P, verbs: readonly string[]): P {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        const changes = verbs.some((verb) => String(name).startsWith(verb));
        return async (...args: unknown[]) => {
          if (this.cut) throw new PowerCut();
          if (!changes) return await Reflect.apply(member, target, args);
          this.count += 1;
          const last = this.count === this.cutAt || name === this.cutAt;
          if (last) this.cut = true;
          if (last && this.moment === "before") throw new PowerCut();
          const result: unknown = await Reflect.apply(member, target, args);
          if (last) throw new PowerCut();
          return result;
        };
      },
    });
  }
}

/** Verbs of ports/cluster-objects that change the cluster. */
export const clusterVerbs = ["create", "add", "set", "write", "delete"] as const;
