import { infiniteQueryOptions, QueryClient, queryOptions } from "@tanstack/react-query";
import type { ProjectBudget } from "../../contracts/budget.ts";
import type { Instruction } from "../../contracts/instruction.ts";
import type { ProviderKey } from "../../contracts/provider-key.ts";
import type { Ledger } from "../../contracts/ledger.ts";
import type { PatchContent } from "../../contracts/patch-set.ts";
import type { Model } from "../../contracts/model.ts";
import type { PullFiles } from "../../contracts/review.ts";
import type { Board, Deployment, Me, Project, Ticket } from "../../contracts/project.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import type { ModelCall, Run } from "../../contracts/run.ts";
import { api, ApiError } from "./api.ts";

export type RunFilter = "all" | "active" | "waiting" | "final";
interface Items<T> {
  readonly items: readonly T[];
}
interface Page<T> extends Items<T> {
  readonly nextCursor: string | null;
}

/** A client that retries what may pass (no answer, 5xx) twice, and never a refusal. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (count, error) =>
          count < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
        retryDelay: (attempt) => 400 * 2 ** attempt,
      },
      mutations: { retry: false },
    },
  });
}

export const deploymentQuery = queryOptions({
  queryKey: ["deployment"],
  queryFn: ({ signal }) => api<Deployment>("GET", "/api/deployment", undefined, signal),
  staleTime: Infinity,
});

/** Who is signed in; null when nobody is. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await api<Me>("GET", "/api/me", undefined, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: async ({ signal }) => (await api<Items<Project>>("GET", "/api/projects", undefined, signal)).items,
  staleTime: 60_000,
});

/** The tenant's own keys of model providers, for admins. */
export const providerKeysQuery = queryOptions({
  queryKey: ["provider-keys"],
  queryFn: async ({ signal }) => (await api<Items<ProviderKey>>("GET", "/api/provider-keys", undefined, signal)).items,
});

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: async ({ signal }) => (await api<Items<Model>>("GET", "/api/models", undefined, signal)).items,
  staleTime: 60_000,
});

/** A project's budget and what it spent; asked again every ten seconds while somebody looks at it. */
export const projectBudgetQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project-budget", projectId],
    queryFn: ({ signal }) =>
      api<ProjectBudget>("GET", `/api/projects/${encodeURIComponent(projectId)}/budget`, undefined, signal),
    refetchInterval: 10_000,
  });

/** A project's board; asked again every five seconds while somebody looks at it. */
export const boardQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["board", projectId],
    queryFn: ({ signal }) =>
      api<Board>("GET", `/api/projects/${encodeURIComponent(projectId)}/board`, undefined, signal),
    refetchInterval: 5000,
  });

export const ticketQuery = (ticketId: string) =>
  queryOptions({
    queryKey: ["ticket", ticketId],
    queryFn: ({ signal }) => api<Ticket>("GET", `/api/tickets/${encodeURIComponent(ticketId)}`, undefined, signal),
  });

function runsPath(filter: RunFilter, limit: number, cursor: string | null, text = ""): string {
  const query = new URLSearchParams({ limit: String(limit) });
  if (filter !== "all") query.set("state", filter);
  if (text !== "") query.set("q", text);
  if (cursor !== null) query.set("cursor", cursor);
  return `/api/runs?${query.toString()}`;
}

/** The newest runs of one kind, for short lists; asked again every four seconds. */
export const runsQuery = (filter: RunFilter, limit: number) =>
  queryOptions({
    queryKey: ["runs", "newest", filter, limit],
    queryFn: async ({ signal }) =>
      (await api<Page<Run>>("GET", runsPath(filter, limit, null), undefined, signal)).items,
    refetchInterval: 4000,
  });

/** All runs of one kind that `text` is found in, a page of thirty at a time. An empty text finds all. */
export const runPagesQuery = (filter: RunFilter, text: string) =>
  infiniteQueryOptions({
    queryKey: ["runs", "pages", filter, text],
    queryFn: ({ pageParam, signal }) => api<Page<Run>>("GET", runsPath(filter, 30, pageParam, text), undefined, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 8000,
  });

export const runQuery = (runId: string) =>
  queryOptions({
    queryKey: ["run", runId],
    queryFn: ({ signal }) => api<Run>("GET", `/api/runs/${encodeURIComponent(runId)}`, undefined, signal),
  });

/** The images that went with a run's prompt, which its first event names. */
export const runImagesQuery = (runId: string) =>
  queryOptions({
    queryKey: ["run-images", runId],
    queryFn: async ({ signal }) => {
      const path = `/api/runs/${encodeURIComponent(runId)}/events?since=0&limit=1`;
      const [first] = (await api<Items<RunEvent>>("GET", path, undefined, signal)).items;
      // Runs from before there were images say nothing of them.
      return first?.type === "run.created" ? (first.data.images ?? []) : [];
    },
    staleTime: Infinity,
  });

/** The diff of the pull request that a run reviews, at this head commit. */
export const pullFilesQuery = (runId: string, commit: string) =>
  queryOptions({
    queryKey: ["pull-files", runId, commit],
    queryFn: ({ signal }) =>
      api<PullFiles>("GET", `/api/runs/${encodeURIComponent(runId)}/pull-files`, undefined, signal),
    staleTime: Infinity,
  });

/** Both sides of one path. A patch set is named by the hash of its content, so the answer never changes. */
export const patchContentQuery = (runId: string, hash: string, path: string) =>
  queryOptions({
    queryKey: ["patch", runId, hash, path],
    queryFn: ({ signal }) =>
      api<PatchContent>(
        "GET",
        `/api/runs/${encodeURIComponent(runId)}/patch-sets/${hash}/patches?path=${encodeURIComponent(path)}`,
        undefined,
        signal,
      ),
    staleTime: Infinity,
  });

export const ledgerQuery = (runId: string, headSeq: number) =>
  queryOptions({
    queryKey: ["ledger", runId, headSeq],
    queryFn: ({ signal }) => api<Ledger>("GET", `/api/runs/${encodeURIComponent(runId)}/ledger`, undefined, signal),
  });

/** Every model call of a run, in order. `turns` is how many turns have finished: another one asks again. */
export const modelCallsQuery = (runId: string, turns: number) =>
  queryOptions({
    queryKey: ["model-calls", runId, turns],
    queryFn: async ({ signal }) =>
      (await api<Items<ModelCall>>("GET", `/api/runs/${encodeURIComponent(runId)}/model-calls`, undefined, signal))
        .items,
  });

interface ModelCallBodies {
  readonly call: ModelCall;
  readonly request: unknown;
  readonly answer: unknown;
}

/** One model call with prompt and answer, which never change. */
export const modelCallQuery = (runId: string, callId: string) =>
  queryOptions({
    queryKey: ["model-call", runId, callId],
    queryFn: ({ signal }) =>
      api<ModelCallBodies>(
        "GET",
        `/api/runs/${encodeURIComponent(runId)}/model-calls/${encodeURIComponent(callId)}`,
        undefined,
        signal,
      ),
    staleTime: Infinity,
  });

/** The address of what a tenant (`scopeId` null), project or repository tells its agents. */
export function instructionPath(scope: Instruction["scope"], scopeId: string | null): string {
  const query = new URLSearchParams(scopeId === null ? { scope } : { scope, scopeId });
  return `/api/instructions?${query.toString()}`;
}

export const instructionQuery = (scope: Instruction["scope"], scopeId: string | null) =>
  queryOptions({
    queryKey: ["instruction", scope, scopeId],
    queryFn: ({ signal }) => api<Instruction>("GET", instructionPath(scope, scopeId), undefined, signal),
  });
