import { readdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import path from "node:path";
import { wranglerState } from "../local/stack/migrations.ts";

/** Does something with each D1 database of a stack's data folder, beside the stack that runs on it. */
export function withD1<T>(dataDir: string, work: (database: DatabaseSync) => T): readonly T[] {
  const folder = path.join(wranglerState(dataDir), "v3/d1/miniflare-D1DatabaseObject");
  return readdirSync(folder)
    .filter((name) => /^[0-9a-f]{64}\.sqlite$/u.test(name))
    .map((file) => {
      const database = new DatabaseSync(path.join(folder, file), { timeout: 5_000 });
      try {
        return work(database);
      } finally {
        database.close();
      }
    });
}
