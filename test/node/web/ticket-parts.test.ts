import { describe, expect, test } from "vitest";
import type { BoardChange } from "../../../contracts/board.ts";
import type { Comment } from "../../../contracts/ticket-parts.ts";
import { stillSending, withComment, type Sending } from "../../../web/features/board/drawer/conversation/listed.ts";
import { Removals, withRemoved } from "../../../web/features/board/drawer/conversation/removals.ts";
import { addFrame, addSnapshot, boardOf } from "../../../web/features/board/model/board.ts";
import { ApiError } from "../../../web/lib/api.ts";
import { UploadQueue } from "../../../web/lib/upload-queue.ts";
import { BoardServer, remy } from "./board-server.ts";

const comment = (id: string, body = `Text ${id}`, author: Comment["author"] = remy): Comment => ({
  ...{ id, ticketId: "1", author, body, version: 1, createdAtMs: Number(id), editedAtMs: null },
});
const ids = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id);
const refusal = (code: "forbidden" | "unavailable", status: number) =>
  new ApiError({ code, status, title: "No", detail: "Not now.", requestId: null });

describe("the comments of a drawer", () => {
  test("are in one order, each once, with those that were deleted here in their places", () => {
    const removed = new Map([
      ["2", { part: comment("2"), step: "deleted", error: null } as const],
      ["3", { part: comment("3", "Old"), step: "restoring", error: null } as const],
    ]);
    const listed = withRemoved([comment("10"), comment("9"), comment("9"), comment("3"), comment("1")], removed);
    expect(ids(listed)).toEqual(["1", "2", "3", "9", "10"]);
    expect(listed[2]?.body).toBe("Text 3");
  });

  test("have a new one first, and a changed one in its place", () => {
    const pages = [{ items: [comment("9"), comment("8")] }, { items: [comment("7")] }];
    expect(withComment(pages, comment("10")).map(({ items }) => ids(items))).toEqual([["10", "9", "8"], ["7"]]);
    const changed = withComment(pages, comment("7", "Changed"));
    expect(changed.map(({ items }) => items.map(({ body }) => body))).toEqual([["Text 9", "Text 8"], ["Changed"]]);
  });

  test("show one that is on its way until it has come, and no longer", () => {
    const sending: Sending = { key: "a", body: "+1", authorId: remy.id, after: 4, error: null };
    expect(stillSending([comment("4", "+1")], [sending])).toEqual([sending]);
    expect(stillSending([comment("5", "+1", { kind: "run", id: remy.id, name: "" })], [sending])).toEqual([sending]);
    expect(stillSending([comment("5", "+1", { ...remy, id: "8" })], [sending])).toEqual([sending]);
    expect(stillSending([comment("5", "+1")], [sending])).toEqual([]);
  });
});

describe("a part that is deleted here", () => {
  test("stays with its reason where the server refuses, and is forgotten once it is back or its place is gone", async () => {
    const outcomes: (ApiError | null)[] = [refusal("forbidden", 403), null, refusal("unavailable", 503), null, null];
    const next = async () => {
      const outcome = outcomes.shift();
      if (outcome instanceof ApiError) throw outcome;
    };
    const removals = new Removals<Comment>({ remove: next, restore: next });
    const one = comment("1");
    const step = () => removals.of("1").get("1")?.step;
    const removing = removals.remove(one);
    expect(step()).toBe("deleting");
    await removing;
    expect(removals.of("1").get("1")).toMatchObject({ step: "kept", error: { message: "Not now." } });
    await removals.remove(one);
    expect(step()).toBe("deleted");
    await removals.restore(one);
    expect(removals.of("1").get("1")).toMatchObject({ step: "deleted", error: { status: 503 } });
    await removals.restore(one);
    expect(step()).toBeUndefined();
    await removals.remove(one);
    removals.forget("1");
    expect(step()).toBeUndefined();
  });
});

describe("files on their way", () => {
  const file = (name: string, size = 1) => new File(["x".repeat(size)], name);
  const queueOf = (send: (file: File) => Promise<string>) => {
    const made: string[] = [];
    const faults: string[] = [];
    const queue = new UploadQueue<string>({
      problem: ({ size }) => (size > 3 ? "Too large." : null),
      send,
      onMade: (each) => made.push(each),
      onFault: ({ name }) => faults.push(name),
      leftOutWords: "Too many.",
    });
    return { queue, made, faults };
  };
  const names = (queue: UploadQueue<string>) =>
    queue.uploads().map(({ canRetry, fault, file: { name } }) => [name, fault, canRetry]);

  test("leave the queue when the server has them; one that can't be sent stays with its reason, and is never sent", async () => {
    const { made, queue } = queueOf(async ({ name }) => name);
    queue.add([file("a"), file("large", 4), file("b"), file("c")], 3);
    expect(queue.leftOut()).toBe("Too many.");
    await expect.poll(() => made).toEqual(["a", "b"]);
    expect(names(queue)).toEqual([["large", "Too large.", false]]);
    queue.remove(2);
    expect([queue.leftOut(), queue.uploads()]).toEqual([null, []]);
  });

  test("are sent again when the server failed, and not when it refused", async () => {
    const outcomes = [refusal("unavailable", 503), refusal("forbidden", 403)];
    const { faults, made, queue } = queueOf(async ({ name }) => {
      const outcome = outcomes.shift();
      if (outcome !== undefined) throw outcome;
      return name;
    });
    queue.add([file("a"), file("b")], 2);
    await expect
      .poll(() => names(queue))
      .toEqual([
        ["a", "Not now.", true],
        ["b", "Not now.", false],
      ]);
    expect(faults).toEqual(["a", "b"]);
    const [first] = queue.uploads();
    if (first !== undefined) queue.retry(first);
    await expect.poll(() => made).toEqual(["a"]);
  });

  test("are stopped when they are left out, without a word", async () => {
    const signals: AbortSignal[] = [];
    const queue = new UploadQueue<string>({
      problem: () => null,
      send: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signals.push(signal);
          signal.addEventListener("abort", () => reject(new DOMException("Stopped.", "AbortError")));
        }),
      onMade: () => undefined,
      onFault: () => expect.fail("a file that was left out is no failure"),
      leftOutWords: "",
    });
    queue.add([file("a")], 1);
    queue.remove(1);
    expect([signals[0]?.aborted, queue.uploads()]).toEqual([true, []]);
  });
});

describe("the board's news of comments and files", () => {
  const server = new BoardServer();
  for (const _ of [1, 2]) server.create("todo");
  const board = server.snapshot();
  const change = (seq: number, type: "ticket.commented" | "ticket.attached", id: string): BoardChange => {
    const start = { seq, atMs: 0, actor: remy };
    return type === "ticket.commented"
      ? { ...start, type, data: { id, commentCount: seq } }
      : { ...start, type, data: { id } };
  };

  test("are the number of the newest change for each ticket", () => {
    const changes = [
      change(3, "ticket.commented", "1"),
      change(4, "ticket.attached", "2"),
      change(5, "ticket.commented", "1"),
    ];
    const model = addFrame(boardOf(board), { t: "changes", changes }, 0);
    expect([...model.partsSeq]).toEqual([
      ["1", 5],
      ["2", 4],
    ]);
    expect(model.tickets.get("1")?.commentCount).toBe(5);
    expect(addSnapshot(model, { ...board, headSeq: 5 }, 0).partsSeq).toEqual(model.partsSeq);
  });

  test("are unknown after a jump to a newer board, so that every ticket's may be others", () => {
    const model = boardOf(board);
    expect(model.partsSeq.size).toBe(0);
    expect([...addSnapshot(model, { ...board, headSeq: 9 }, 0).partsSeq.values()]).toEqual([9, 9]);
  });

  test("are unknown too after a board that was set back", () => {
    const ahead = addFrame(boardOf(board), { t: "changes", changes: [change(3, "ticket.commented", "1")] }, 0);
    const told = addFrame({ ...ahead, since: 3 }, { t: "reload", headSeq: 2 }, 0);
    expect(addSnapshot(told, board, 0).partsSeq.get("1")).toBe(2);
  });
});
