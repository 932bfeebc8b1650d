import type { ForgeEvent } from "./forge-events.ts";

/** Checks and reads deliveries of a forge. */
export interface ForgeWebhooks {
  /** True when the signature is the forge's, over exactly these bytes. */
  verify(body: Uint8Array<ArrayBuffer>, signature: string | null): Promise<boolean>;
  /** The event, or undefined for what the product does not act on. Throws a permanent PortError `bad_event`. */
  parse(eventName: string, body: string): ForgeEvent | undefined;
}
