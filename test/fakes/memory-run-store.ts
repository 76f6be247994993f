import type { RunStore } from "../../src/ports/run-store.ts";

/** A run directory in memory; `full` makes every further write fail as a full disk does. */
export class MemoryRunStore implements RunStore {
  readonly id: string;
  readonly path: string;
  readonly files = new Map<string, string>();
  full: Error | undefined;

  constructor(id: string) {
    this.id = id;
    this.path = `/state/migratectl/runs/${id}`;
  }

  async write(name: string, content: string): Promise<void> {
    if (this.full !== undefined) throw this.full;
    this.files.set(name, content);
  }

  async read(name: string): Promise<string | undefined> {
    return this.files.get(name);
  }

  async append(name: string, text: string): Promise<void> {
    await this.write(name, (this.files.get(name) ?? "") + text);
  }
}
