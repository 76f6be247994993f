import type { RequestBody } from "./exchange.ts";

/** Registries refuse a POST or PUT without a length, so it says zero. */
export const noBody: RequestBody = bytesBody(new Uint8Array());

/** Content that is in memory. */
export function bytesBody(content: Uint8Array): RequestBody {
  return {
    size: content.length,
    async *read() {
      if (content.length > 0) yield content;
    },
  };
}
