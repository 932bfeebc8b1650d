import path from "node:path";
import type { Project, Repository, Ticket } from "../../contracts/project.ts";
import type { Forge } from "../forge/index.ts";
import { ApiClient } from "./client.ts";
import { projectRoot } from "./preflight.ts";
import { sampleOwner, sampleProject, sampleRepositories, sampleTickets } from "./sample-tickets.ts";

/** The contents of a seeded stack. */
export interface Seeded {
  readonly login: string;
  readonly project: Project;
  /** The library, the project's primary repository. */
  readonly repository: Repository;
  /** The program that uses the library. */
  readonly consumer: Repository;
  readonly tickets: readonly Ticket[];
  readonly description: string;
}

/** Puts people, an organisation, the sample repositories and the app's installation on the forge; existing ones stay. */
async function seedForge(forge: Forge): Promise<number> {
  await forge.createUser({
    login: "lime-dev",
    name: "Lena Lime",
    email: "lime-dev@example.com",
    organizations: [sampleOwner],
  });
  await forge.createUser({
    login: "lime-reviewer",
    name: "Remy Reviewer",
    email: "lime-reviewer@example.com",
    organizations: [sampleOwner],
  });
  for (const { description, folder, name } of sampleRepositories) {
    if (await hasRepository(forge, name)) continue;
    await forge.importRepository({
      owner: sampleOwner,
      name,
      description,
      source: { kind: "directory", path: path.join(projectRoot, folder) },
    });
  }
  const installation = await forge.createInstallation({
    owner: sampleOwner,
    ownerType: "Organization",
    repositories: "all",
  });
  return installation.id;
}

async function hasRepository(forge: Forge, name: string): Promise<boolean> {
  const token = await forge.createUserToken("lime-dev");
  const response = await fetch(`${forge.apiUrl}/repos/${sampleOwner}/${name}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await response.body?.cancel();
  return response.ok;
}

/** The sample repositories as the product knows them, after it has read the installation's list where one is missing. */
async function connectSamples(
  client: ApiClient,
  installationId: string,
): Promise<{ readonly library: Repository; readonly consumer: Repository }> {
  const find = async (): Promise<readonly (Repository | undefined)[]> => {
    const known = await client.repositories();
    return sampleRepositories.map(({ name }) => known.find((each) => each.owner === sampleOwner && each.name === name));
  };
  let found = await find();
  if (found.includes(undefined)) {
    const connector = (await client.connectors()).find((candidate) => candidate.installationId === installationId);
    await (connector === undefined ? client.connect(installationId) : client.syncConnector(connector.id));
    found = await find();
  }
  const [library, consumer] = found;
  if (library === undefined || consumer === undefined)
    throw new Error("the connected installation does not show the sample repositories");
  return { library, consumer };
}

/**
 * Fills an empty deployment by the same API that people use: the sign-in of lime-dev, a connector, a project with two
 * repositories and its tickets. Existing data stays as it is; a repository that a deployment filled earlier lacks is added.
 */
export async function seed(url: string, forge: Forge): Promise<Seeded> {
  const installationId = await seedForge(forge);
  const login = "lime-dev";
  const client = new ApiClient(url);
  await client.signIn(login);
  const { library, consumer } = await connectSamples(client, String(installationId));
  let made = 0;
  let project = (await client.projects()).find((candidate) => candidate.key === sampleProject.key);
  if (project === undefined) {
    project = await client.createProject({ ...sampleProject, repositoryIds: [library.id, consumer.id] });
    made += 1;
  } else if (!project.repositories.some(({ id }) => id === consumer.id)) {
    project = await client.addRepositories(project.id, [consumer.id]);
    made += 1;
  }
  const board = await client.board(project.id);
  const { tickets } = board;
  // Once people have put tickets of their own there, the board is theirs; until then an interrupted seed is finished.
  if (tickets.every((ticket) => sampleTickets.some((sample) => sample.title === ticket.title))) {
    for (const sample of sampleTickets) {
      if (tickets.some((ticket) => ticket.title === sample.title)) continue;
      tickets.push(await client.createTicket(project.id, { ...sample, repositoryId: library.id }));
      made += 1;
    }
  }
  const repositories = sampleRepositories.map(({ name }) => `${sampleOwner}/${name}`).join(" and ");
  const description = `${made === 0 ? "kept" : "made"}: project ${project.key}, ${tickets.length} tickets, ${repositories}`;
  return { login, project, repository: library, consumer, tickets, description };
}
