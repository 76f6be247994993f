import type { Sealed } from "../domain/recovery/recovery-kit.ts";

/** Makes texts that only the holder of a key can read. */
export interface Sealer {
  seal(text: string, key: string): Promise<Sealed>;
  /** @throws Problem KIT_KEY_WRONG when the key is another one, or somebody has altered it */
  open(sealed: Sealed, key: string): Promise<string>;
}
