import type { LeaseHolder } from "../../src/ports/cluster-objects.ts";
import type { Operator } from "../../src/ports/operator.ts";

/** A person at a machine; runs whose id is in `dead` have been killed there. */
export class FakeOperator implements Operator {
  readonly dead = new Set<string>();
  private readonly user: string;
  private readonly host: string;

  constructor(user = "anna", host = "jump-1") {
    this.user = user;
    this.host = host;
  }

  holder(run: string): LeaseHolder {
    return { user: this.user, host: this.host, pid: 4711, run, machine: `boot-of-${this.host}`, processStart: "1000" };
  }

  isGone(holder: LeaseHolder): boolean {
    return holder.machine === `boot-of-${this.host}` && this.dead.has(holder.run);
  }
}
