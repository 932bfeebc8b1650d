import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunEvent } from "../../contracts/run-events.ts";
import type { Run } from "../../contracts/run.ts";
import { fold } from "../../domain/run/fold.ts";
import { findLedgerBreak } from "../../local/stack/verify-ledger.ts";
import { startFixture, type Fixture } from "../stack-fixture.ts";
import { Killer } from "./soak/killer.ts";
import { checkAllRuns } from "./soak/verdict.ts";
import { ThreeRepositories } from "./three-repositories.ts";

/*
 * kill -9 of the Worker's processes in a run over three repositories: while its agent works, right after the last approval, and twice
 * between the writes of two repositories. The run resumes by itself each time, and every repository gets its commit, its branch and its
 * pull request once.
 */
let fixture: Fixture;
let killer: Killer;
let three: ThreeRepositories;

beforeAll(async () => {
  fixture = await startFixture();
  killer = new Killer(fixture.stack, fixture.dataDir);
  three = await ThreeRepositories.bringIn(fixture);
});

afterAll(async () => {
  await killer?.stop();
  await fixture?.close();
});

/** Watches the run behind what was seen, over lost connections, until an event is the one that is waited for. */
async function watch(run: Run, seen: RunEvent[], isDue: (event: RunEvent) => boolean): Promise<void> {
  const options = {
    since: seen.at(-1)?.seq ?? 0,
    signal: AbortSignal.timeout(60_000),
    onLost: () => undefined,
  };
  for await (const event of fixture.client.followEvents(run.id, options)) {
    seen.push(event);
    if (isDue(event)) return;
    expect(fold(seen).state, fold(seen).cause ?? "").not.toBe("NEEDS_HUMAN");
  }
  throw new Error(`the run went no further than ${JSON.stringify(seen.at(-1))}`);
}

/** Makes the forge do a repository's next write at this address late, so that the Worker can be killed while it is under way. */
async function delayWrite(address: string): Promise<void> {
  const response = await fetch(`${fixture.stack.forge?.url ?? ""}/_forge/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ match: { method: "POST", path: `${address}$` }, delayMs: 2_000, after: true, status: 502 }),
  });
  expect(response.status).toBe(201);
}

const toState = (state: string) => (event: RunEvent) => event.type === "run.state_changed" && event.data.to === state;
const toWrite = (kind: string, repositoryId: string | undefined) => (event: RunEvent) =>
  event.type === "write.started" && event.data.kind === kind && event.data.repositoryId === repositoryId;

test("a run over three repositories that is killed at its agent, its approvals and between its writes delivers each once", async () => {
  const { client, dataDir, stack } = fixture;
  // The agent waits in a command for a moment, so that it can be killed there.
  const run = await three.start("crash-lanes", [{ toolCalls: [{ name: "shell", input: { command: "sleep 3" } }] }]);
  const seen: RunEvent[] = [];
  await watch(run, seen, (event) => event.type === "tool.started" && event.data.name === "shell");
  await killer.kill("group");

  await watch(run, seen, toState("WAITING_APPROVAL"));
  const [, second, third] = fold(seen).lanes;
  await delayWrite(`/${second?.name ?? ""}/git/commits`);
  await delayWrite(`/${third?.name ?? ""}/pulls`);
  await three.approve(run);
  await killer.kill("group");

  await watch(run, seen, toWrite("commit", second?.id));
  await killer.kill("group");

  await watch(run, seen, toWrite("pull_request", third?.id));
  await killer.kill("group");

  await watch(run, seen, toState("DONE"));
  const log = await client.events(run.id);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  expect(seen).toEqual(log.slice(0, seen.length));
  const ended = await client.run(run.id);
  expect(ended.state).toBe("DONE");
  expect(fold(log).state).toBe("DONE");
  await three.checkDelivered(ended);
  expect(findLedgerBreak(await client.ledger(run.id))).toBeUndefined();
  // Log, view, ledger and row of the run agree, once the row has caught up.
  const agree = async (): Promise<unknown> => checkAllRuns(stack, dataDir);
  await expect.poll(agree, { timeout: 10_000 }).toEqual({ checked: 1, findings: [] });
});
