import { describe, expect, test } from "vitest";
import * as z from "zod";
import { boardWrittenSchema } from "../../../contracts/board.ts";
import { ticketSchema, type Ticket } from "../../../contracts/project.ts";
import {
  attachmentSchema,
  maxAttachmentBytes,
  maxAttachments,
  type Attachment,
} from "../../../contracts/ticket-parts.ts";
import { png } from "../../images.ts";
import { newMember, type Client } from "../client.ts";
import { BoardWatcher } from "../faults/board-watcher.ts";
import { until } from "../faults/outside-control.ts";
import { newWorld, type World } from "../world.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function newTicket(world: World): Promise<Ticket> {
  const path = `/api/projects/${world.project.id}/tickets`;
  return world.client.ask(ticketSchema, 201, "POST", path, { type: "task", title: "With files" });
}

const pathOf = (ticket: Ticket, name: string) =>
  `/api/tickets/${ticket.id}/attachments?name=${encodeURIComponent(name)}`;

async function attach(client: Client, ticket: Ticket, name: string, bytes: Uint8Array, type = "text/plain") {
  const response = await client.send("POST", pathOf(ticket, name), bytes, { "content-type": type });
  expect(response.status).toBe(201);
  return attachmentSchema.parse(await response.json());
}

const list = async (client: Client, ticket: Ticket): Promise<readonly Attachment[]> =>
  (
    await client.ask(
      z.object({ items: z.array(attachmentSchema) }),
      200,
      "GET",
      `/api/tickets/${ticket.id}/attachments`,
    )
  ).items;

describe("a file on a ticket", () => {
  test.each([
    ["page.html", "text/html", text("<script>alert(1)</script>")],
    ["drawing.svg", "image/svg+xml", text("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")],
    ["fake.png", "image/png", text("<script>alert(1)</script>")],
  ] as const)("named %s is saved, never opened as a page", async (name, type, bytes) => {
    const world = await newWorld();
    const file = await attach(world.client, await newTicket(world), name, bytes, type);
    expect(file).toMatchObject({ name, isImage: false, sizeBytes: bytes.length });
    const served = await world.client.send("GET", `/api/attachments/${file.id}`);
    expect(served.headers.get("content-type")).toBe("application/octet-stream");
    expect(served.headers.get("content-disposition")).toBe(`attachment; filename="${name}"; filename*=UTF-8''${name}`);
    expect(served.headers.get("x-content-type-options")).toBe("nosniff");
    expect(served.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox; frame-ancestors 'none'");
    expect(new Uint8Array(await served.arrayBuffer())).toEqual(bytes);
  });

  test("that is an image is served by the type of its bytes, and holds any bytes, also none of UTF-8", async () => {
    const world = await newWorld();
    const ticket = await newTicket(world);
    const image = await attach(world.client, ticket, "shot.png", png(4, 4), "application/json");
    expect(image).toMatchObject({ isImage: true, mediaType: "image/png" });
    expect((await world.client.send("GET", `/api/attachments/${image.id}`)).headers.get("content-type")).toBe(
      "image/png",
    );
    const bytes = new Uint8Array([0, 255, 254, 128, 0]);
    const odd = await attach(world.client, ticket, "odd", bytes, "application/json; charset=utf-8");
    expect(odd).toMatchObject({ isImage: false, mediaType: "application/json" });
    const served = await world.client.send("GET", `/api/attachments/${odd.id}`);
    expect(new Uint8Array(await served.arrayBuffer())).toEqual(bytes);
  });

  test("keeps a name without folders and controls, and is told to open boards", async () => {
    const world = await newWorld();
    const ticket = await newTicket(world);
    const watcher = new BoardWatcher(world.client, world.project.id);
    await watcher.connect();
    const file = await attach(world.client, ticket, '../..\\evil\u202e\r\n"naïve".txt', text("x"));
    expect(file.name).toBe("evilnaïve.txt");
    const served = await world.client.send("GET", `/api/attachments/${file.id}`);
    expect(served.headers.get("content-disposition")).toBe(
      "attachment; filename=\"evilna_ve.txt\"; filename*=UTF-8''evilna%C3%AFve.txt",
    );
    expect(await until(() => watcher.changes.find(({ type }) => type === "ticket.attached"))).toMatchObject({
      data: { id: ticket.id },
    });
  });

  test("is deleted and restored, by members who may attach, and is nobody's of another tenant", async () => {
    const [world, stranger] = [await newWorld(), await newWorld()];
    const ticket = await newTicket(world);
    const qa = await newMember(world.me.activeTenantId, "qa");
    const viewer = await newMember(world.me.activeTenantId, "viewer");
    const file = await attach(qa.client, ticket, "a.txt", text("a"));
    const path = `/api/attachments/${file.id}`;
    expect((await viewer.client.send("GET", path)).status).toBe(200);
    expect((await viewer.client.send("DELETE", path)).status).toBe(403);
    expect((await stranger.client.send("GET", path)).status).toBe(404);
    expect((await stranger.client.send("DELETE", path)).status).toBe(404);
    for (const _ of [1, 2]) expect((await qa.client.send("DELETE", path)).status).toBe(204);
    expect(await list(world.client, ticket)).toEqual([]);
    expect((await world.client.send("GET", path)).status).toBe(404);
    for (const _ of [1, 2]) await qa.client.ask(attachmentSchema, 200, "POST", `${path}/restore`, {});
    expect(await list(world.client, ticket)).toEqual([file]);
  });

  test("is refused in words when it is empty, too large, one too many, or for a deleted ticket", async () => {
    const world = await newWorld();
    const ticket = await newTicket(world);
    const refused = (bytes: Uint8Array, name = "a.txt") => world.client.problem("POST", pathOf(ticket, name), bytes);
    expect(await refused(new Uint8Array(0))).toMatchObject({ status: 400, detail: expect.stringContaining("empty") });
    expect(await refused(new Uint8Array(maxAttachmentBytes + 1))).toMatchObject({ status: 413 });
    expect((await refused(text("x"), "")).status).toBe(400);
    const files = Array.from({ length: maxAttachments - 1 }, (_, index) => index);
    for (const index of files) await attach(world.client, ticket, `${index}.txt`, text(`${index}`));
    const both = await Promise.all(
      ["x", "y"].map((name) =>
        world.client.send("POST", pathOf(ticket, name), text(name)).then(({ status }) => status),
      ),
    );
    expect(both.toSorted((a, b) => a - b)).toEqual([201, 409]);
    expect((await refused(text("z"))).detail).toContain("at most 20 files");
    await world.client.ask(boardWrittenSchema, 200, "DELETE", `/api/tickets/${ticket.id}`);
    const [first] = await list(world.client, ticket);
    expect((await world.client.problem("DELETE", `/api/attachments/${first?.id}`)).detail).toContain("Restore it");
  });
});
