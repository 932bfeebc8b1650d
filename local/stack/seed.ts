import path from "node:path";
import type { Project, Repository, Ticket } from "../../contracts/project.ts";
import type { Forge } from "../forge/index.ts";
import { ApiClient } from "./client.ts";
import { projectRoot } from "./preflight.ts";
import { sampleProject, sampleTickets } from "./sample-tickets.ts";

export const sampleOwner = "lime-labs";
export const sampleName = "lime-units";

/** What a seeded stack holds. */
export interface Seeded {
  readonly login: string;
  readonly project: Project;
  readonly repository: Repository;
  readonly tickets: readonly Ticket[];
  readonly description: string;
}

/** Puts people, an organisation, the sample repository and the app's installation on the forge; what is there stays. */
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
  if (!(await hasRepository(forge))) {
    await forge.importRepository({
      owner: sampleOwner,
      name: sampleName,
      description: "Durations, byte sizes, relative times and plurals",
      source: { kind: "directory", path: path.join(projectRoot, "local/sample") },
    });
  }
  const installation = await forge.createInstallation({
    owner: sampleOwner,
    ownerType: "Organization",
    repositories: "all",
  });
  return installation.id;
}

async function hasRepository(forge: Forge): Promise<boolean> {
  const token = await forge.createUserToken("lime-dev");
  const response = await fetch(`${forge.apiUrl}/repos/${sampleOwner}/${sampleName}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await response.body?.cancel();
  return response.ok;
}

/**
 * Fills an empty deployment by the same API that people use: the sign-in of lime-dev, a connector, a project with one
 * repository and its tickets. What is there already stays as it is.
 */
export async function seed(url: string, forge: Forge): Promise<Seeded> {
  const installationId = await seedForge(forge);
  const login = "lime-dev";
  const client = new ApiClient(url);
  await client.signIn(login);
  const isSample = (candidate: Repository): boolean => candidate.owner === sampleOwner && candidate.name === sampleName;
  let repository = (await client.repositories()).find(isSample);
  if (repository === undefined) {
    await client.connect(String(installationId));
    repository = (await client.repositories()).find(isSample);
  }
  if (repository === undefined) throw new Error("the connected installation shows no sample repository");
  let made = 0;
  let project = (await client.projects()).find((candidate) => candidate.key === sampleProject.key);
  if (project === undefined) {
    project = await client.createProject({ ...sampleProject, repositoryIds: [repository.id] });
    made += 1;
  }
  const board = await client.board(project.id);
  const tickets = board.columns.flatMap((column) => column.tickets);
  // Once people have put tickets of their own there, the board is theirs; until then an interrupted seed is finished.
  if (tickets.every((ticket) => sampleTickets.some((sample) => sample.title === ticket.title))) {
    for (const sample of sampleTickets) {
      if (tickets.some((ticket) => ticket.title === sample.title)) continue;
      tickets.push(await client.createTicket(project.id, { ...sample, repositoryId: repository.id }));
      made += 1;
    }
  }
  const description = `${made === 0 ? "kept" : "made"}: project ${project.key}, ${tickets.length} tickets, ${sampleOwner}/${sampleName}`;
  return { login, project, repository, tickets, description };
}
