import * as z from "zod";
import { modelSchema } from "../../contracts/model.ts";
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
import { newPerson, type Client } from "./client.ts";
import { insertRunRow } from "./run-row.ts";

/** An installation's number that no other test has. */
export function newInstallation(): number {
  return 1000 + Math.floor(Math.random() * 1e12);
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
  /** A model that only this tenant has. */
  readonly ownModelId: string;
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
  const ownModelId = `own-model-${installation}`;
  await client.ask(modelSchema, 201, "POST", "/api/models", { id: ownModelId, provider: "anthropic", name: "Own" });
  return { client, login, me, installation, connector, repository, project, ticket, runId, ownModelId };
}
