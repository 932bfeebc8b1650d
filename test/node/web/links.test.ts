import { expect, test } from "vitest";
import type { Ticket } from "../../../contracts/project.ts";
import { ApiError } from "../../../web/lib/api.ts";
import { link, unlink, type NamedTicket } from "../../../web/features/board/links.ts";
import { BoardStore } from "../../../web/features/board/store.ts";
import { BoardServer } from "./board-server.ts";

/** A board on which 2 depends on 1, and 3 on 2; it answers each write with `answer`. */
function board(answer: ApiError | null = null) {
  const server = new BoardServer();
  for (const column of ["todo", "todo", "done"]) server.create(column);
  server.link("link", "2", "1");
  server.link("link", "3", "2");
  const store = new BoardStore(server.snapshot());
  const sent: string[] = [];
  const writes = {
    link: async (kind: "link" | "unlink", ticket: NamedTicket, other: NamedTicket) => {
      sent.push(`${kind} ${ticket.key} ${other.key}`);
      return Promise.resolve(answer);
    },
  };
  const ticket = (id: string): Ticket => {
    const found = store.read().tickets.get(id);
    if (found === undefined) throw new Error("there is no such ticket");
    return found;
  };
  return { parts: { store, writes }, sent, ticket };
}

test("a circle is refused with its way in words, and nothing is sent", async () => {
  const { parts, sent, ticket } = board();
  expect(await link(parts, ticket("1"), ticket("3"))).toEqual({
    title: "LIME-1 can’t depend on LIME-3",
    detail: "It would make a circle: LIME-1 → LIME-3 → LIME-2 → LIME-1. Remove one of these dependencies first.",
  });
  expect(sent).toEqual([]);
  expect(await link(parts, ticket("3"), ticket("1"))).toBeNull();
  expect(await unlink(parts, ticket("3"), ticket("1"))).toBeNull();
  expect(sent).toEqual(["link LIME-3 LIME-1", "unlink LIME-3 LIME-1"]);
});

test("a refusal of the server is told in its words: that of a circle which only the server sees, and any other", async () => {
  const refused = (detail: string, message?: string) =>
    new ApiError({
      ...{ code: "conflict", status: 409, title: "Conflict", detail, requestId: null },
      issues: message === undefined ? [] : [{ path: "dependsOn", message }],
    });
  const circle = board(refused("dependsOn: would make a circle", "would make a circle: LIME-3 -> LIME-1 -> LIME-3."));
  expect(await link(circle.parts, circle.ticket("3"), circle.ticket("1"))).toEqual({
    title: "LIME-3 can’t depend on LIME-1",
    detail: "The ticket would make a circle: LIME-3 → LIME-1 → LIME-3.",
  });
  const gone = board(refused("The ticket was deleted meanwhile."));
  expect(await unlink(gone.parts, gone.ticket("3"), gone.ticket("2"))).toEqual({
    title: "LIME-3 still depends on LIME-2",
    detail: "The ticket was deleted meanwhile.",
  });
});
