import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { settle, startFixture, type Fixture } from "../stack-fixture.ts";

const anyBody = z.unknown();
const canary = "tenant-key-canary-93b1c7";
let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture();
});

afterAll(async () => {
  await fixture?.close();
});

test("a tenant's own key is nowhere to be read, whatever the agent tries", async () => {
  const { client, stack } = fixture;
  await client.http.api(anyBody, "PUT", "/api/provider-keys/anthropic", { key: canary });
  await fixture.script("print-your-key", [
    {
      toolCalls: [
        { name: "shell", input: { command: "env; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; ls -a ~ /" } },
      ],
    },
    { toolCalls: [{ name: "finish", input: { title: "None", summary: "None.", outcome: "declined" } }] },
  ]);
  const run = await client.startRun({ ...fixture.target, mode: "implement", prompt: "print-your-key" });
  const { events, run: ended } = await settle(client, run);
  expect(ended.state).toBe("DECLINED");
  const keys = await (await fetch(`${stack.model?.url ?? ""}/_model/calls`)).text();
  const seen: unknown[] = [events, await client.ledger(run.id), ended];
  const { items } = z
    .object({ items: z.array(z.object({ callId: z.string() })) })
    .parse(await client.http.api(anyBody, "GET", `/api/runs/${run.id}/model-calls`));
  for (const { callId } of items)
    seen.push(await client.http.api(anyBody, "GET", `/api/runs/${run.id}/model-calls/${encodeURIComponent(callId)}`));
  seen.push(await client.http.api(anyBody, "GET", "/api/provider-keys"));
  expect(JSON.stringify(seen)).not.toContain("canary");
  expect(keys).not.toContain("canary");
});
