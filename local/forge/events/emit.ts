import { gitDirectory, type ForgeCore } from "../core.ts";
import { readCommit, readCommits, listCommits } from "../git/commits.ts";
import { diffFiles, emptyTree } from "../git/diff.ts";
import { pullState } from "../git/pull-state.ts";
import { isAncestor, noObject, type RefChange } from "../git/refs.ts";
import { organizationAnswer, userAnswer } from "../answers/accounts.ts";
import { pushCommit } from "../answers/commits.ts";
import { pullAnswer } from "../answers/pulls.ts";
import { repositoryAnswer, repositoryUrls, type RepositoryAnswer } from "../answers/repositories.ts";
import { nodeId } from "../core.ts";
import type { Account } from "../store/accounts.ts";
import type { Pull } from "../store/pulls.ts";
import type { Repository } from "../store/repositories.ts";
import type { Deliveries, EventSubject } from "./deliveries.ts";
import type { InstallationLite, Organization, User } from "@octokit/webhooks-types";

/** The parts of the forge that an event needs. */
export interface Emitter {
  readonly core: ForgeCore;
  readonly deliveries: Deliveries;
}

/** The fields that every repository event carries. */
export interface EventEnvelope {
  readonly repository: RepositoryAnswer;
  readonly sender: User;
  readonly installation?: InstallationLite;
  readonly organization?: Organization;
}

/** Builds the envelope, and the subject of its delivery; undefined when the app is not installed on the repository: GitHub sends nothing then. */
export function envelope(
  core: ForgeCore,
  repository: Repository,
  sender: Account,
): { fields: EventEnvelope; subject: EventSubject } | undefined {
  const installation = core.store.installations.byAccount(repository.ownerId);
  if (installation === undefined || !core.store.installations.repositoryIds(installation).includes(repository.id))
    return undefined;
  const owner = core.store.accounts.byId(repository.ownerId);
  return {
    fields: {
      repository: repositoryAnswer(core, repository),
      sender: userAnswer(core, sender),
      installation: { id: installation.id, node_id: nodeId("Installation", installation.id) },
      ...(owner.type === "Organization" ? { organization: organizationAnswer(core, owner) } : {}),
    },
    subject: { repository, installationId: installation.id },
  };
}

const maxPushCommits = 20;

/** Emits `push` for one moved ref. */
export async function emitPush(
  { core, deliveries }: Emitter,
  repository: Repository,
  change: RefChange,
  sender: Account,
): Promise<void> {
  const about = envelope(core, repository, sender);
  if (about === undefined) return;
  const directory = gitDirectory(core, repository);
  const created = change.before === noObject;
  const deleted = change.after === noObject;
  const shas = deleted
    ? []
    : await listCommits(core.git, directory, created ? undefined : change.before, change.after, maxPushCommits);
  const commits = [];
  for (const commit of await readCommits(core.git, directory, (created ? shas.slice(0, 1) : shas).toReversed())) {
    const files = await diffFiles(core.git, directory, commit.parents[0] ?? emptyTree, commit.sha);
    commits.push(pushCommit(core, repository, commit, files));
  }
  const { html } = repositoryUrls(core, repository);
  deliveries.emit(
    "push",
    {
      ...about.fields,
      ref: change.ref,
      before: change.before,
      after: change.after,
      created,
      deleted,
      forced: !created && !deleted && !(await isAncestor(core.git, directory, change.before, change.after)),
      base_ref: null,
      compare: `${html}/compare/${change.before.slice(0, 12)}...${change.after.slice(0, 12)}`,
      commits,
      head_commit: commits.at(-1) ?? null,
      pusher: { name: sender.login, email: sender.email },
    },
    about.subject,
  );
}

/** Emits a pull request's opened, closed or synchronize event. */
export async function emitPull(
  { core, deliveries }: Emitter,
  repository: Repository,
  pull: Pull,
  sender: Account,
  action: "opened" | "closed" | "reopened" | { readonly before: string; readonly after: string },
): Promise<void> {
  const about = envelope(core, repository, sender);
  if (about === undefined) return;
  const answer = pullAnswer(core, repository, pull, await pullState(core, pull));
  const common = { ...about.fields, number: pull.issue.number };
  if (typeof action === "object") {
    const payload = {
      ...common,
      action: "synchronize" as const,
      pull_request: answer,
      before: action.before,
      after: action.after,
    };
    deliveries.emit("pull_request", payload, { ...about.subject, action: "synchronize" });
  } else if (action === "closed") {
    const closed = {
      ...answer,
      state: "closed" as const,
      closed_at: answer.closed_at ?? answer.updated_at,
      merged: answer.merged,
    };
    deliveries.emit("pull_request", { ...common, action, pull_request: closed }, { ...about.subject, action });
  } else {
    const open = {
      ...answer,
      state: "open" as const,
      closed_at: null,
      merged_at: null,
      active_lock_reason: null,
      merged_by: null,
      merged: false,
    };
    deliveries.emit("pull_request", { ...common, action, pull_request: open }, { ...about.subject, action });
  }
}

/** Reads a commit of a repository. */
export async function commitIn(core: ForgeCore, repository: Repository, sha: string): ReturnType<typeof readCommit> {
  return readCommit(core.git, gitDirectory(core, repository), sha);
}
