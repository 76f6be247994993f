import { Problem } from "../../domain/errors/problem.ts";
import { type KitContent, kitContentSchema, readKit } from "../../domain/recovery/recovery-kit.ts";
import type { Sealer } from "../../ports/sealer.ts";

/** What a kit holds. @throws Problem KIT_UNREADABLE, KIT_KEY_WRONG */
export async function openKit(document: string, key: string, sealer: Sealer): Promise<KitContent> {
  const { sealed } = readKit(parsed(document));
  const content = kitContentSchema.safeParse(parsed(await sealer.open(sealed, key)));
  if (content.success) return content.data;
  throw new Problem("KIT_UNREADABLE", { what: "the answers and secrets that lie with the backups are not as this version knows them" });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("KIT_UNREADABLE", { what: "the answers and secrets that lie with the backups are no JSON" });
  }
}
