import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { runEventSchema, runEventPayloads, type RunEvent } from "../../../contracts/run-events.ts";
import { eventVersion } from "../../../contracts/run-event-versions.ts";
import { upgradeLog } from "../../../domain/run/upgrade.ts";
import { RunStore } from "../../../durable-objects/run/store.ts";
import { createSqlStorage } from "./sqlite-storage.ts";

const folder = path.join(import.meta.dirname, "../../fixtures/journals");
const journalSchema = z.object({ events: z.array(runEventSchema) });

/** A store that holds a log in the versions in which it was written. */
function storeOf(name: string): {
  readonly store: RunStore;
  readonly events: readonly z.output<typeof runEventSchema>[];
} {
  const { events } = journalSchema.parse(JSON.parse(readFileSync(path.join(folder, name), "utf8")));
  const { sql } = createSqlStorage();
  const store = new RunStore(sql);
  for (const { atMs, data, seq, type, v } of events)
    sql.exec(
      "insert into events (seq, at_ms, v, type, data) values (?, ?, ?, ?, ?)",
      seq,
      atMs,
      v,
      type,
      JSON.stringify(data),
    );
  return { store, events };
}

describe("events that the API and the sockets send", () => {
  it.each(readdirSync(folder))("of %s are in today's versions, whatever was stored", (name) => {
    const { events, store } = storeOf(name);
    const sent = store.eventTexts(0, 10_000).map((text) => JSON.parse(text) as RunEvent);
    expect(sent).toEqual([...upgradeLog(events)]);
    for (const { data, type, v } of sent) {
      expect(v).toBe(eventVersion(type));
      expect(runEventPayloads[type].safeParse(data).error, type).toBeUndefined();
    }
  });

  it("have something to upgrade in these logs", () => {
    const { events, store } = storeOf("implement.json");
    expect(events.some(({ type, v }) => v < eventVersion(type))).toBe(true);
    const sent = store.eventTexts(0, 10_000).map((text) => JSON.parse(text) as RunEvent);
    expect(sent.find(({ type }) => type === "workspace.saved")?.data).toHaveProperty("repositoryId");
  });
});
