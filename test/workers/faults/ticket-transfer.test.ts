import { abortAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { boardSchema, type Board, type BoardChange } from "../../../contracts/board.ts";
import { problemSchema } from "../../../contracts/errors.ts";
import { importReportSchema, type ImportReport } from "../../../contracts/ticket-transfer.ts";
import { projectSchema, type Project } from "../../../contracts/project.ts";
import { auditOf, newMember, type Client } from "../client.ts";
import { newWorld, type World } from "../world.ts";
import { BoardWatcher } from "./board-watcher.ts";
import { objectDatabase } from "./d1-faults.ts";

afterEach(() => {
  objectDatabase.heal();
});

interface Asked {
  readonly client?: Client;
  readonly project?: Pick<Project, "id">;
  readonly format?: "csv" | "json";
  readonly query?: string;
}

function send(world: World, body: string | Uint8Array, { client, format = "csv", project, query = "" }: Asked = {}) {
  const path = `/api/projects/${(project ?? world.project).id}/tickets/import?format=${format}${query}`;
  return (client ?? world.client).send("POST", path, body, { "content-type": "text/csv" });
}

async function imported(world: World, body: string, asked: Asked = {}): Promise<ImportReport> {
  const response = await send(world, body, asked);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return importReportSchema.parse(JSON.parse(text));
}

async function refusal(world: World, body: string | Uint8Array, asked: Asked = {}) {
  const response = await send(world, body, asked);
  const { code, detail, issues } = problemSchema.parse(await response.json());
  return { code, detail, issues };
}

const exported = async (world: World, format: "csv" | "json", project: Pick<Project, "id"> = world.project) =>
  (await world.client.send("GET", `/api/projects/${project.id}/tickets/export?format=${format}`)).text();
const readBoard = async (world: World, project: Pick<Project, "id"> = world.project): Promise<Board> =>
  world.client.ask(boardSchema, 200, "GET", `/api/projects/${project.id}/board`);
const newProject = async (world: World, key: string): Promise<Project> =>
  world.client.ask(projectSchema, 201, "POST", "/api/projects", { key, name: key });
const titlesOf = (board: Board): readonly string[] => board.tickets.map(({ title }) => title).toSorted();

const family = [
  "ref,title,type,column,labels,parent,depends_on",
  'b,Second,bug,Todo,"a, b",a,"c, LIME-1"',
  "a,First of them,epic,Todo,,,",
  "c,Third,,Todo,,a,",
].join("\r\n");

describe("an import", () => {
  test("makes tickets that mean each other and tickets of the project, in the file's order, and everybody sees them", async () => {
    const world = await newWorld();
    const watcher = new BoardWatcher(world.client, world.project.id);
    await watcher.connect();
    const report = await imported(world, family);
    expect(report).toMatchObject({
      applied: true,
      counts: { created: 3, updated: 0, unchanged: 0, refused: 0 },
      lines: [
        { line: 2, key: "LIME-2" },
        { line: 3, key: "LIME-3" },
        { line: 4, key: "LIME-4" },
      ],
    });
    const board = await readBoard(world);
    const todo = board.tickets.filter(({ column }) => column === "todo");
    expect(todo.map(({ key }) => key)).toEqual(["LIME-2", "LIME-3", "LIME-4"]);
    const [second, first, third] = todo;
    expect(todo.map(({ id }) => id)).toEqual(report.lines.map(({ ticketId }) => ticketId));
    expect(second).toMatchObject({ type: "bug", labels: ["a", "b"], parentId: first?.id });
    expect(second?.dependsOn).toEqual([world.ticket.id, third?.id].toSorted((a, b) => Number(a) - Number(b)));
    await expect.poll(() => watcher.changes.at(-1)?.type).toBe("tickets.imported");
    const change = watcher.changes.at(-1);
    expect(ticketsOf(change)).toEqual(
      todo.map(({ repository: _repository, run: _run, ...rest }) => ({ ...rest, repositoryId: null })),
    );
    expect(ticketsOf(await storedChange(world, board.headSeq))).toEqual(ticketsOf(change));
    const actions = (await auditOf(world.me.activeTenantId)).slice(-3);
    expect(actions).toEqual(todo.map(({ id }) => ({ action: "ticket.created", subject: `ticket:${id}` })));
    watcher.close();
  });

  test("that is a dry run reports the same and writes nothing", async () => {
    const world = await newWorld();
    const before = await readBoard(world);
    const report = await imported(world, family, { query: "&dryRun=true" });
    expect(report).toMatchObject({ applied: false, counts: { created: 3, refused: 0 } });
    expect(await readBoard(world)).toEqual(before);
  });

  test("with one bad line writes no line at all, and says why", async () => {
    const world = await newWorld();
    const before = await readBoard(world);
    const report = await imported(world, "title,type,column\nGood,bug,Todo\nBad,saga,Nowhere\n");
    expect(report).toMatchObject({
      applied: false,
      counts: { created: 1, refused: 1 },
      lines: [{ status: "created" }, { line: 3, status: "refused", reasons: [{ field: "type" }, { field: "column" }] }],
    });
    expect(await readBoard(world)).toEqual(before);
  });

  test("changes tickets of the project only when it is asked to, and leaves what it does not name", async () => {
    const world = await newWorld();
    const text = "key,title,column,depends_on,parent\nLIME-1,Renamed,QA,n,n\n,New,,,\n".replace(",New", "n,New");
    const refused = await imported(world, text);
    expect(refused.lines[0]).toMatchObject({ status: "refused", key: "LIME-1", reasons: [{ field: "key" }] });
    const report = await imported(world, text, { query: "&update=true" });
    expect(report.lines[0]).toMatchObject({ status: "updated", fields: ["title", "column", "parent", "depends_on"] });
    const { tickets } = await readBoard(world);
    const made = tickets.find(({ title }) => title === "New");
    expect(tickets.find(({ id }) => id === world.ticket.id)).toMatchObject({
      ...{ title: "Renamed", column: "qa", type: world.ticket.type, parentId: made?.id, dependsOn: [made?.id] },
      version: world.ticket.version + 1,
    });
    expect(await imported(world, text, { query: "&update=true" })).toMatchObject({ counts: { unchanged: 2 } });
    const cleared = await imported(world, "key,parent,depends_on\nLIME-1,,\n", { query: "&update=true" });
    expect(cleared.lines[0]).toMatchObject({ status: "updated", fields: ["parent", "depends_on"] });
    const after = await readBoard(world);
    expect(after.tickets.find(({ id }) => id === world.ticket.id)).toMatchObject({ parentId: null, dependsOn: [] });
  });

  test("whose answer was lost, or that is sent again to a new object, makes no second ticket", async () => {
    const world = await newWorld();
    await readBoard(world);
    objectDatabase.failAt(1, "loses its reply", { match: /insert into "ticket"/u });
    await imported(world, family).catch(() => undefined);
    objectDatabase.heal();
    const again = await imported(world, family);
    expect(again).toMatchObject({ applied: true, counts: { created: 0, unchanged: 3 } });
    await abortAllDurableObjects();
    expect(await imported(world, family)).toMatchObject({ lines: [{ key: "LIME-2" }, { key: "LIME-3" }, {}] });
    expect((await readBoard(world)).tickets).toHaveLength(4);
    const { ticketId } = again.lines[0] ?? {};
    await world.client.send("DELETE", `/api/tickets/${ticketId ?? ""}`);
    expect((await imported(world, family)).lines[0]).toMatchObject({
      status: "refused",
      reasons: [{ field: "row", message: expect.stringContaining("LIME-2 before, which was deleted") as string }],
    });
  });

  test("of the most tickets that it takes is one commit of several changes, each of a size that a database holds", async () => {
    const world = await newWorld();
    const description = "Worte über Worte. ".repeat(120);
    const rows = Array.from(
      { length: 2000 },
      (_, index) => `r${index},T${index},"${description}",r${index === 0 ? "" : index - 1}`,
    );
    const text = `ref,title,description,depends_on\n${rows.join("\n")}`.replace('",r\n', '",\n');
    const { headSeq } = await readBoard(world);
    const report = await imported(world, text);
    expect(report.counts).toEqual({ created: 2000, updated: 0, unchanged: 0, refused: 0 });
    const board = await readBoard(world);
    expect(board.tickets).toHaveLength(2001);
    expect(board.headSeq - headSeq).toBeGreaterThan(5);
    const made = new Map(board.tickets.map((ticket) => [ticket.title, ticket]));
    expect(made.get("T1999")?.dependsOn).toEqual([made.get("T1998")?.id]);
    const file = await exported(world, "csv");
    expect(file.split("\r\n")).toHaveLength(2003);
    // A page that was away meanwhile is told to read the board anew, in place of all these changes.
    await abortAllDurableObjects();
    const watcher = new BoardWatcher(world.client, world.project.id);
    await watcher.connect(headSeq);
    await expect.poll(() => watcher.others.map(({ t }) => t)).toEqual(expect.arrayContaining(["reload", "live"]));
    expect(watcher.receivedBytes).toBeLessThan(5_000);
    watcher.close();
  });

  test.each([
    ["an open quotation mark", 'title,type\nA,bug\n"B,bug\n', "line 3"],
    ["no heading", "A,bug\n", "line 1"],
    ["bytes that are no UTF-8", Uint8Array.from([0x74, 0x69, 0x74, 0x6c, 0x65, 0x0a, 0xff]), "line 2"],
    ["nothing", "", "line 1"],
  ])("of a file with %s says so at its line", async (_name, body, line) => {
    const world = await newWorld();
    const refused = await refusal(world, body);
    expect(refused).toMatchObject({ code: "invalid_request", issues: [{ path: line }] });
    expect(refused.detail).toContain("Nothing was imported.");
  });

  test("of a file that is too large, of an archived project, and of NUL and halves of characters is refused", async () => {
    const world = await newWorld();
    expect((await refusal(world, `title\n${"x".repeat(5_000_001)}`)).code).toBe("payload_too_large");
    expect((await imported(world, "title\nA\0B\n")).lines[0]).toMatchObject({ reasons: [{ field: "title" }] });
    const half = await imported(world, '[{"title": "\\ud800"}]', { format: "json" });
    expect(half.lines[0]).toMatchObject({ status: "refused", reasons: [{ field: "title" }] });
    expect((await refusal(world, "{", { format: "json" })).code).toBe("invalid_request");
    await world.client.send("PATCH", `/api/projects/${world.project.id}`, { isArchived: true });
    expect((await refusal(world, "title\nA\n")).code).toBe("conflict");
  });

  test("is not for a person without the role, and knows nothing of other tenants", async () => {
    const [world, other] = await Promise.all([newWorld(), newWorld()]);
    const { client } = await newMember(world.me.activeTenantId, "qa");
    expect((await refusal(world, "title\nA\n", { client })).code).toBe("forbidden");
    expect((await refusal(other, "title\nA\n", { project: world.project })).code).toBe("not_found");
    const { owner, name } = world.repository;
    const text = `title,repository,assignee\nA,${owner}/${name},${world.me.user.email}\n`;
    expect((await imported(world, text, { query: "&dryRun=true" })).counts.created).toBe(1);
    expect((await imported(other, text)).lines[0]).toMatchObject({
      reasons: [{ field: "assignee" }, { field: "repository" }],
    });
  });
});

describe("an export", () => {
  test("imported into an empty project is exported equal again, and equal in its columns' order", async () => {
    const world = await newWorld();
    const { owner, name } = world.repository;
    const rows = `ref,title,description,assignee,repository,column\nx,=1+1,"- a\n- ""b""",${world.me.user.email},${owner}/${name},Done\n`;
    await imported(world, family);
    await imported(world, rows);
    const copy = await newProject(world, "COPY");
    for (const format of ["csv", "json"] as const) {
      const project = format === "csv" ? copy : await newProject(world, "JCOPY");
      const file = await exported(world, format);
      expect((await imported(world, file, { project, format })).counts).toMatchObject({ created: 5, refused: 0 });
      const again = await exported(world, "json", project);
      expect(comparable(again)).toEqual(comparable(await exported(world, "json")));
    }
    expect(titlesOf(await readBoard(world, copy))).toEqual(titlesOf(await readBoard(world)));
    const csv = await exported(world, "csv");
    expect(csv).toContain("'=1+1");
    expect(csv).toContain(`"'- a\n- ""b"""`);
    expect(csv.split("\r\n")[0]).toBe(
      "key,type,title,description,acceptance_criteria,board,column,priority,labels,assignee,repository,parent,depends_on,created_at,updated_at",
    );
  });

  test("is a file with a name, begins with a byte order mark only when asked, and is empty for an empty project", async () => {
    const world = await newWorld();
    const empty = await newProject(world, "EMPTY");
    const path = `/api/projects/${empty.id}/tickets/export?format=csv`;
    const response = await world.client.send("GET", path);
    expect(response.headers.get("content-disposition")).toMatch(
      /^attachment; filename="EMPTY-tickets-\d{4}-\d\d-\d\d\.csv"/u,
    );
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    expect([...new Uint8Array(await response.arrayBuffer()).subarray(0, 3)]).toEqual([0x6b, 0x65, 0x79]);
    const marked = await world.client.send("GET", `${path}&bom=true`);
    expect([...new Uint8Array(await marked.arrayBuffer()).subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(JSON.parse(await exported(world, "json", empty))).toEqual([]);
  });

  test("leaves deleted tickets out, also as parents and dependencies, and a later import keeps these links", async () => {
    const world = await newWorld();
    const { lines } = await imported(world, family);
    await world.client.send("DELETE", `/api/tickets/${lines[2]?.ticketId ?? ""}`);
    const file = await exported(world, "csv");
    expect(file).not.toContain("Third");
    expect(await imported(world, file, { query: "&update=true" })).toMatchObject({
      counts: { unchanged: 3, refused: 0 },
    });
    const { tickets } = await readBoard(world);
    expect(tickets.find(({ key }) => key === "LIME-2")?.dependsOn).toContain(lines[2]?.ticketId);
  });
});

/** An export without keys and times, which are each project's own. */
function comparable(file: string): unknown {
  const rows = JSON.parse(file) as Record<string, unknown>[];
  const names = new Map(rows.map(({ key }, index) => [key, index]));
  return rows.map(({ created_at: _created, updated_at: _updated, depends_on: dependsOn, key, parent, ...rest }) => ({
    ...rest,
    key: names.get(key),
    parent: names.get(parent),
    dependsOn: (dependsOn as string[]).map((each) => names.get(each) ?? -1).toSorted((a, b) => a - b),
  }));
}

function ticketsOf(change: BoardChange | undefined): unknown {
  return change?.type === "tickets.imported" ? change.data.tickets : undefined;
}

async function storedChange(world: World, seq: number): Promise<BoardChange> {
  const row = await env.DB.prepare("select change from board_change where project_id = ? and seq = ?")
    .bind(Number(world.project.id), seq)
    .first<{ change: string }>();
  return JSON.parse(row?.change ?? "{}") as BoardChange;
}
