import type { WorkFolder } from "../../src/ports/work-folder.ts";

/** A folder in memory; keeps what was written last under each name. */
export class MemoryWorkFolder implements WorkFolder {
  readonly path = "/memory";
  readonly files = new Map<string, string>();

  async write(name: string, content: Parameters<WorkFolder["write"]>[1]): Promise<string> {
    if (typeof content === "string") this.files.set(name, content);
    else {
      const chunks: Buffer[] = [];
      for await (const chunk of content) chunks.push(Buffer.from(chunk));
      this.files.set(name, Buffer.concat(chunks).toString("utf8"));
    }
    return `${this.path}/${name}`;
  }
}
