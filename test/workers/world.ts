import { env } from "cloudflare:workers";
import * as z from "zod";
import { modelSchema } from "../../contracts/model.ts";
import { boardViewSchema } from "../../contracts/board-view.ts";
import { connectorSchema, type Connector } from "../../contracts/connector.ts";
import {
  projectSchema,
  repositorySchema,
  ticketSchema,
  type Me,
  type Project,
  type Repository,
  type Ticket,
} from "../../contracts/project.ts";
import { imageSchema } from "../../contracts/upload.ts";
import { concat, png } from "../images.ts";
import { newPerson, type Client } from "./client.ts";
import { insertRunRow } from "./run-row.ts";

/** An installation's number that no other test has. */
export function newInstallation(): number {
  return 1000 + Math.floor(Math.random() * 1e12);
}

/** An image that no other person has. */
export function imageOf(me: Me): Uint8Array<ArrayBuffer> {
  return concat(png(2, 1), new TextEncoder().encode(`of ${me.user.id}`));
}

/** A tenant with one of everything, and its admin. */
export interface World {
  readonly client: Client;
  readonly login: string;
  readonly me: Me;
  readonly installation: number;
  readonly connector: Connector;
  readonly repository: Repository;
  readonly project: Project;
  readonly ticket: Ticket;
  readonly runId: string;
  /** A run of the mode review, which has ended. */
  readonly reviewRunId: string;
  /** A model that only this tenant has. */
  readonly ownModelId: string;
  readonly imageId: string;
  /** A comment of its admin on the ticket. */
  readonly commentId: string;
  /** A file on the ticket. */
  readonly attachmentId: string;
  /** Views that the person saved: one for themselves, one that all members see. */
  readonly viewIds: { readonly own: string; readonly shared: string };
}

/** Makes a tenant with a connector, its repository, a project on it and a ticket, all through the API. */
export async function newWorld(): Promise<World> {
  const installation = newInstallation();
  const { client, login, me } = await newPerson(installation);
  const connector = await client.ask(connectorSchema, 201, "POST", "/api/connectors", {
    installationId: String(installation),
  });
  const { items } = await client.ask(z.object({ items: z.array(repositorySchema) }), 200, "GET", "/api/repositories");
  const repository = items[0];
  if (repository === undefined) throw new Error("the connector imported no repository");
  const project = await client.ask(projectSchema, 201, "POST", "/api/projects", {
    key: "LIME",
    name: "Lime",
    repositoryIds: [repository.id],
  });
  const ticket = await client.ask(ticketSchema, 201, "POST", `/api/projects/${project.id}/tickets`, {
    type: "task",
    title: "First",
  });
  const runId = await insertRunRow({ me, project, repository });
  const reviewRunId = await insertRunRow({ me, project, repository }, { mode: "review", finished: true });
  const ownModelId = `own-model-${installation}`;
  await client.ask(modelSchema, 201, "POST", "/api/models", { id: ownModelId, provider: "anthropic", name: "Own" });
  const { id: imageId } = await client.ask(imageSchema, 201, "POST", "/api/uploads", imageOf(me));
  const save = async (isShared: boolean) =>
    client.ask(boardViewSchema, 201, "POST", `/api/projects/${project.id}/views`, { name: login, query: "", isShared });
  const viewIds = { own: (await save(false)).id, shared: (await save(true)).id };
  return {
    client,
    login,
    me,
    installation,
    connector,
    repository,
    project,
    ticket,
    runId,
    reviewRunId,
    ownModelId,
    imageId,
    ...(await insertTicketParts(me, ticket)),
    viewIds,
  };
}

/** Puts a comment and a file on a ticket as rows: its board knows nothing of them. */
async function insertTicketParts(me: Me, ticket: Ticket) {
  const [tenant, user, ticketId] = [me.activeTenantId, me.user.id, ticket.id].map(Number);
  const actor = JSON.stringify({ kind: "person", id: me.user.id, name: me.user.name, avatarUrl: me.user.avatarUrl });
  const [comment, file] = await env.DB.batch<{ id: number }>([
    env.DB.prepare(
      "insert into ticket_comment (tenant_id, ticket_id, author_id, actor, body, created_at_ms) values (?, ?, ?, ?, 'A secret comment', 1) returning id",
    ).bind(tenant, ticketId, user, actor),
    env.DB.prepare(
      `insert into ticket_attachment (tenant_id, ticket_id, name, media_type, bytes, sha256, storage_key, created_by, created_at_ms)
         values (?, ?, 'secret.txt', 'text/plain', 1, ?, 'nowhere', ?, 1) returning id`,
    ).bind(tenant, ticketId, "0".repeat(64), user),
  ]);
  return { commentId: String(comment?.results[0]?.id), attachmentId: String(file?.results[0]?.id) };
}
