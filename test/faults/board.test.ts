import { afterAll, beforeAll, expect, test } from "vitest";
import { boardChangeSchema, type BoardChange } from "../../contracts/board.ts";
import { ticketStages } from "../../contracts/project.ts";
import { withD1 } from "../d1-file.ts";
import { startFixture, type Fixture } from "../stack-fixture.ts";
import { BoardClient } from "./board-client.ts";
import { livingProcesses } from "./processes.ts";
import { randomFrom } from "./random.ts";

/*
 * Three people move, edit and delete the tickets of one board over a whole stack, each with the page's own store; their sockets are dropped,
 * and the runtime is killed four times in the midst of it. Afterwards every page shows the board that D1 holds, and every
 * acknowledged write is one change.
 */
const writes = 1_000;
const kills = 4;
const seed = Number(process.env["BOARD_SEED"] ?? Date.now() % 1_000_000);

let fixture: Fixture;
let projectId: string;

beforeAll(async () => {
  fixture = await startFixture();
  const project = await fixture.client.createProject({
    key: "CRSH",
    name: "Crash",
    description: "",
    repositoryIds: [],
  });
  projectId = project.id;
  for (let index = 0; index < 60; index += 1)
    await fixture.client.createTicket(projectId, {
      ...{ type: "task", title: `Ticket ${index}`, description: "", acceptanceCriteria: "" },
      column: ticketStages[index % ticketStages.length] ?? "todo",
    });
});

afterAll(() => fixture?.close());

function killRuntime(): void {
  // The other workerd of the group is wrangler's proxy, which listens on the public port.
  const proxy = `:${new URL(fixture.stack.url).port} `;
  const runtime = livingProcesses().find(
    ({ command, group }) =>
      group === fixture.stack.workerPid && command.includes("workerd serve") && !command.includes(proxy),
  );
  if (runtime !== undefined) process.kill(runtime.pid, "SIGKILL");
}

/** The changes of the project's board in D1, in the order of their numbers. */
function changesInD1(): readonly BoardChange[] {
  const query = "select change from board_change where project_id = ? order by seq";
  return withD1(fixture.dataDir, (database) =>
    database
      .prepare(query)
      .all(Number(projectId))
      .map((row) => boardChangeSchema.parse(JSON.parse(String(row["change"])))),
  ).flat();
}

/** The columns in which each ticket stood after each change, by the changes' own word. */
function columnsAfter(changes: readonly BoardChange[]): readonly ReadonlyMap<string, string>[] {
  const columns = new Map<string, string>();
  return changes.map((change) => {
    if (change.type === "tickets.created") for (const { column, id } of change.data.tickets) columns.set(id, column);
    if (change.type === "tickets.moved") for (const { id } of change.data.moves) columns.set(id, change.data.column);
    if (change.type === "tickets.deleted") for (const id of change.data.ids) columns.delete(id);
    return new Map(columns);
  });
}

test(`a thousand writes of three people with drops and four kills lose and double none, and all pages end equal to D1 (seed ${seed})`, async () => {
  const random = randomFrom(seed);
  const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];
  const open = (): Promise<BoardClient> => BoardClient.open(fixture.stack.url, "lime-dev", projectId);
  const people = [await open(), await open(), await open()];
  let sent = 0;
  const work = async (person: BoardClient): Promise<void> => {
    while (sent < writes) {
      sent += 1;
      if (sent < writes && sent % (writes / (kills + 1)) === 0) killRuntime();
      if (random() < 0.03) person.drop();
      const tickets = [...person.store.read().tickets.values()];
      const ticket = pick(tickets);
      if (ticket === undefined) continue;
      const chance = random();
      if (chance < 0.8)
        await person.move(ticket.id, pick(ticketStages) ?? "todo", random() < 0.3 ? null : (pick(tickets)?.id ?? null));
      else if (chance < 0.98 || tickets.length < 20) await person.edit(ticket, `Title ${sent}`);
      else await person.delete(ticket.id);
    }
  };
  await Promise.all(people.map(work));

  const changes = changesInD1();
  expect(changes.map(({ seq }) => seq)).toEqual(changes.map((_change, index) => index + 1));
  const acknowledged = people.flatMap(({ tally }) => tally.acknowledged);
  const standing = columnsAfter(changes);
  // A move to the place where the ticket stands already is acknowledged without a change.
  for (const write of acknowledged)
    if (write.kind === "edit")
      expect(
        changes.filter(
          ({ type, data }) => type === "ticket.edited" && data.id === write.ticketId && data.version === write.version,
        ),
      ).toHaveLength(1);
    else
      expect(standing[write.headSeq - 1]?.get(write.ticketId), JSON.stringify(write)).toBe(
        write.kind === "move" ? write.column : undefined,
      );
  const unanswered = people.reduce((sum, { tally }) => sum + tally.unanswered, 0);
  const written = changes.filter(({ type }) => type !== "tickets.created").length;
  expect(written).toBeLessThanOrEqual(acknowledged.length + unanswered);
  // The kills came in the midst of writes, and the rest went through.
  expect(unanswered).toBeGreaterThan(0);
  expect(acknowledged.length).toBeGreaterThan(writes / 2);
  // A write on an old version, or on a ticket that another person has just deleted, is refused with the reason.
  const reasons = people.flatMap(({ tally }) => tally.refused);
  expect(reasons.filter((code) => code !== "conflict" && code !== "not_found")).toEqual([]);

  const board = await fixture.client.board(projectId);
  expect(board.headSeq).toBe(changes.at(-1)?.seq);
  const fresh = await open();
  for (const person of people) await expect.poll(() => person.shown(), { timeout: 30_000 }).toEqual(fresh.shown());
  expect(Object.values(fresh.shown()).flat()).toHaveLength(board.tickets.length);
  for (const person of [...people, fresh]) person.stop();
});
