import fc from "fast-check";
import { expect, test } from "vitest";
import type { Board, BoardFrame } from "../../../contracts/board.ts";
import { ticketStages } from "../../../contracts/project.ts";
import {
  addFrame,
  addSnapshot,
  addWrite,
  answerWrite,
  boardOf,
  dropWrite,
  reconnected,
  shownColumns,
  type BoardModel,
} from "../../../web/features/board/model/board.ts";
import type { Answer, NewWrite } from "../../../web/features/board/model/own-writes.ts";
import { BoardServer } from "./board-server.ts";

/** More changes than this are not sent to a page that comes back. */
const longestTail = 2;

/** One page on a server, with everything between the two in queues of its own. */
class Page {
  readonly #server: BoardServer;
  model: BoardModel;
  #frames: BoardFrame[] = [];
  #told: number;
  #connected = true;
  #snapshots: Board[] = [];
  #requests: { readonly token: number; readonly write: NewWrite }[] = [];
  #answers: { readonly token: number; readonly answer: Answer | undefined }[] = [];
  #wanted = 0;

  constructor(server: BoardServer) {
    this.#server = server;
    this.model = boardOf(server.snapshot());
    this.#told = server.headSeq;
  }

  /** Puts the changes that were committed since onto the wire, as one frame. */
  publish(): void {
    const changes = this.#server.changes.slice(this.#told);
    this.#told = this.#server.headSeq;
    if (this.#connected && changes.length > 0) this.#frames.push({ t: "changes", changes });
  }

  receive(): void {
    const frame = this.#frames.shift();
    if (frame === undefined) return;
    this.model = addFrame(this.model, frame, 0);
    if (this.model.gap) this.reconnect();
    this.askWhenWanted();
  }

  /** The wire drops a frame, which no socket does, but a server with a fault might. */
  lose(): void {
    if (this.#frames[0]?.t === "changes" && this.#frames.length > 1) this.#frames.shift();
  }

  askWhenWanted(): void {
    if (this.model.wanted === this.#wanted) return;
    this.#wanted = this.model.wanted;
    this.#snapshots.push(this.#server.snapshot());
  }

  ask(): void {
    this.#snapshots.push(this.#server.snapshot());
  }

  /** Snapshots may come in another order than that in which they were asked for. */
  receiveSnapshot(index: number): void {
    const [board] = this.#snapshots.splice(index % Math.max(1, this.#snapshots.length), 1);
    if (board === undefined) return;
    this.model = addSnapshot(this.model, board, 0);
    if (this.model.gap) this.reconnect();
  }

  disconnect(): void {
    this.#connected = false;
    this.#frames = [];
  }

  reconnect(): void {
    this.#connected = true;
    this.#told = this.#server.headSeq;
    this.model = reconnected(this.model);
    this.#frames = [...this.#server.catchUp(this.model.headSeq, longestTail)];
  }

  write(write: NewWrite): void {
    const added = addWrite(this.model, write);
    this.model = added.model;
    this.#requests.push({ token: added.token, write });
  }

  /** The server does, or refuses, the oldest request. */
  serve(refuses: boolean): void {
    const request = this.#requests.shift();
    if (request === undefined) return;
    this.#answers.push({ token: request.token, answer: refuses ? undefined : this.#done(request.write) });
    this.publish();
  }

  #done(write: NewWrite): Answer | undefined {
    if (write.kind === "edit") {
      const version = this.#server.edit(write.ticketId, write.fields.title ?? "");
      return version === undefined ? undefined : { version };
    }
    if (write.kind === "link" || write.kind === "unlink") {
      const headSeq = this.#server.link(write.kind, write.ticketId, write.dependsOn);
      return headSeq === undefined ? undefined : { headSeq };
    }
    const headSeq =
      write.kind === "delete"
        ? this.#server.delete(write.ticketIds[0] ?? "")
        : write.kind === "move_column"
          ? this.#server.moveColumn(write.columnId, write.after)
          : this.#server.move(write.ticketIds, write.column, write.before);
    return headSeq === undefined ? undefined : { headSeq };
  }

  hear(): void {
    const heard = this.#answers.shift();
    if (heard === undefined) return;
    const { answer, token } = heard;
    this.model = answer === undefined ? dropWrite(this.model, token) : answerWrite(this.model, token, answer);
  }

  rest(): void {
    while (this.#requests.length > 0) this.serve(false);
    while (this.#answers.length > 0) this.hear();
    if (!this.#connected) this.reconnect();
    this.publish();
    while (this.#frames.length > 0 || this.#snapshots.length > 0) {
      this.receive();
      this.receiveSnapshot(0);
    }
  }
}

const column = fc.constantFrom(...ticketStages.slice(0, 3));
const ticket = fc.nat(7);
const step = fc.oneof(
  fc.record({ do: fc.constant("create" as const), column }),
  fc.record({
    do: fc.constantFrom("move" as const, "ownMove" as const),
    ticket,
    other: ticket,
    before: ticket,
    column,
  }),
  fc.record({ do: fc.constantFrom("edit" as const, "ownEdit" as const), ticket, title: fc.string({ maxLength: 3 }) }),
  fc.record({
    do: fc.constantFrom("link" as const, "ownLink" as const),
    kind: fc.constantFrom("link" as const, "unlink" as const),
    ticket,
    other: ticket,
  }),
  fc.record({ do: fc.constantFrom("delete" as const, "restore" as const, "ownDelete" as const), ticket }),
  fc.record({
    do: fc.constantFrom("moveColumn" as const, "ownMoveColumn" as const),
    column,
    after: fc.option(column),
  }),
  fc.record({ do: fc.constantFrom("publish" as const, "receive" as const, "ask" as const, "hear" as const) }),
  fc.record({ do: fc.constantFrom("receive" as const, "lose" as const, "disconnect" as const, "reconnect" as const) }),
  fc.record({ do: fc.constant("receiveSnapshot" as const), index: fc.nat(3) }),
  fc.record({ do: fc.constant("serve" as const), refuses: fc.constantFrom(false, false, true) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function take(server: BoardServer, page: Page, each: Step): void {
  const name = (index: number) => String(index + 1);
  switch (each.do) {
    case "create":
      server.create(each.column);
      return;
    case "move":
    case "ownMove": {
      const ticketIds = [...new Set([name(each.ticket), name(each.other)])];
      const before = each.before === 7 ? null : name(each.before);
      if (each.do === "move") server.move(ticketIds, each.column, before);
      else page.write({ kind: "move", ticketIds, column: each.column, before });
      return;
    }
    case "edit":
      server.edit(name(each.ticket), each.title);
      return;
    case "ownEdit":
      page.write({ kind: "edit", ticketId: name(each.ticket), fields: { title: each.title } });
      return;
    case "link":
      server.link(each.kind, name(each.ticket), name(each.other));
      return;
    case "ownLink":
      page.write({ kind: each.kind, ticketId: name(each.ticket), dependsOn: name(each.other) });
      return;
    case "delete":
    case "restore":
      server[each.do](name(each.ticket));
      return;
    case "ownDelete":
      page.write({ kind: "delete", ticketIds: [name(each.ticket)] });
      return;
    case "moveColumn":
      server.moveColumn(each.column, each.after);
      return;
    case "ownMoveColumn":
      page.write({ kind: "move_column", columnId: each.column, after: each.after });
      return;
    case "receiveSnapshot":
      page.receiveSnapshot(each.index);
      return;
    case "serve":
      page.serve(each.refuses);
      return;
    default:
      page[each.do]();
  }
}

test("after any interleaving of changes, late snapshots, reconnections and own writes, the page shows the server's board", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
      const server = new BoardServer();
      for (const start of ticketStages.slice(0, 3)) for (let made = 0; made < 2; made += 1) server.create(start);
      const page = new Page(server);
      for (const each of steps) {
        const before = page.model;
        take(server, page, each);
        expect(page.model.headSeq).toBeGreaterThanOrEqual(before.headSeq);
        for (const [id, { version }] of before.tickets)
          expect(page.model.tickets.get(id)?.version ?? version).toBeGreaterThanOrEqual(version);
      }
      page.rest();
      const shown = shownColumns(page.model);
      expect(page.model.writes).toEqual([]);
      const { boards, tickets } = server.snapshot();
      expect(page.model.boards).toEqual(boards);
      for (const { id } of boards.flatMap(({ columns }) => columns))
        expect(shown.get(id)).toEqual(tickets.filter(({ column: at }) => at === id));
      expect(page.model.headSeq).toBe(server.headSeq);
    }),
    { numRuns: 400 },
  );
});
