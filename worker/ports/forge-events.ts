import type { ForgePullRequest, ForgeWorkflowRun } from "./forge.ts";

/** The repository that an event is about. */
export interface ForgeEventRepository {
  readonly installationId: string;
  readonly externalId: string;
  readonly owner: string;
  readonly name: string;
}

/** A repository as an installation event lists it. */
export interface ForgeEventGrant {
  readonly externalId: string;
  readonly owner: string;
  readonly name: string;
  readonly isPrivate: boolean;
}

export interface ForgeCheckRun {
  readonly id: string;
  readonly name: string;
  readonly headCommit: string;
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion: string | null;
  readonly url: string | null;
}

/**
 * An event of a forge, as far as the product acts on it. Deliveries may come twice, late and out of order: an event is a
 * hint to look, and its content was true when it was sent.
 */
export type ForgeEvent =
  | {
      readonly type: "push";
      readonly repository: ForgeEventRepository;
      readonly branch: string;
      readonly isDefaultBranch: boolean;
      /** Commit ids; null where the branch was made or deleted. */
      readonly beforeCommit: string | null;
      readonly afterCommit: string | null;
      readonly senderLogin: string;
    }
  | {
      readonly type: "pull_request";
      readonly action: string;
      readonly repository: ForgeEventRepository;
      readonly pullRequest: ForgePullRequest;
      /** Its head branch lies in another repository, so its name says nothing about ours. */
      readonly isFromFork: boolean;
      readonly senderLogin: string;
    }
  | {
      readonly type: "workflow_run";
      readonly action: string;
      readonly repository: ForgeEventRepository;
      readonly workflowRun: ForgeWorkflowRun;
      readonly headBranch: string | null;
    }
  | {
      readonly type: "check_run";
      readonly action: string;
      readonly repository: ForgeEventRepository;
      readonly checkRun: ForgeCheckRun;
    }
  | {
      readonly type: "repository";
      /** `renamed`, `transferred`, `deleted`, `privatized`, `publicized`, `archived`, `edited` ... */
      readonly action: string;
      readonly repository: ForgeEventRepository;
    }
  | {
      /** A commit status, or a check suite's progress: only the commit matters, its checks are read anew. */
      readonly type: "status" | "check_suite";
      readonly repository: ForgeEventRepository;
      readonly headCommit: string;
    }
  | {
      readonly type: "installation";
      /** `created`, `deleted`, `suspend`, `unsuspend`, `new_permissions_accepted`. */
      readonly action: string;
      readonly installationId: string;
      readonly accountLogin: string;
      readonly repositories: readonly ForgeEventGrant[];
    }
  | {
      readonly type: "installation_repositories";
      readonly installationId: string;
      readonly accountLogin: string;
      readonly added: readonly ForgeEventGrant[];
      readonly removed: readonly ForgeEventGrant[];
    };
