import type { ForgeReader } from "../../ports/forge.ts";
import type { ForgeWriter } from "../../ports/forge-writer.ts";
import { createClient } from "./client.ts";
import type { GitHubOptions } from "./client.ts";
import { createReader } from "./reader.ts";
import { createWriter } from "./writer.ts";

/**
 * GitHub behind the forge port, as the App `appId`: github.com, or any server that speaks its REST API under `apiBaseUrl`.
 * Nothing is requested yet; a key that can't be used shows as a permanent PortError `bad_key` at the first call.
 */
export function createGitHub(options: GitHubOptions): { readonly reader: ForgeReader; readonly writer: ForgeWriter } {
  const client = createClient(options);
  return { reader: createReader(client), writer: createWriter(client) };
}
