import { infiniteQueryOptions, QueryClient, queryOptions } from "@tanstack/react-query";
import type { Instruction } from "../../contracts/instruction.ts";
import type { Repository } from "../../contracts/project.ts";
import type { RunState } from "../../contracts/run-names.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import { api, ApiError, bodyOf } from "./api.ts";

export type RunFilter = "all" | "active" | "waiting" | "final";

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
  queryFn: ({ signal }) => bodyOf(api.GET("/api/deployment", { signal })),
  staleTime: Infinity,
});

/** The signed-in person; null without a session. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    try {
      return await bodyOf(api.GET("/api/me", { signal }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: async ({ signal }) => (await bodyOf(api.GET("/api/projects", { signal }))).items,
  staleTime: 60_000,
});

/** The signed-in person's newest notices; the tenant's feed has them loaded again. */
export const noticesQuery = queryOptions({
  queryKey: ["notices"],
  queryFn: async ({ signal }) =>
    (await bodyOf(api.GET("/api/notices", { params: { query: { limit: 30 } }, signal }))).items,
});

export const projectQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/projects/{id}", { params: { path: { id: projectId } }, signal })),
  });

/** The tenant's own keys of model providers, for admins. */
export const providerKeysQuery = queryOptions({
  queryKey: ["provider-keys"],
  queryFn: async ({ signal }) => (await bodyOf(api.GET("/api/provider-keys", { signal }))).items,
});

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: async ({ signal }) => (await bodyOf(api.GET("/api/models", { signal }))).items,
  staleTime: 60_000,
});

/** A project's budget and what it spent; the tenant's feed has it loaded again. */
export const projectBudgetQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project-budget", projectId],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/projects/{id}/budget", { params: { path: { id: projectId } }, signal })),
  });

/** A project's delivery settings for runs over several repositories, with each repository's own. */
export const projectDeliveryQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project-delivery", projectId],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/projects/{id}/delivery", { params: { path: { id: projectId } }, signal })),
  });

/** The tenant's installations of the GitHub App, with what the signed-in person sees of each. */
export const connectorsQuery = queryOptions({
  queryKey: ["connectors"],
  queryFn: async ({ signal }) => (await bodyOf(api.GET("/api/connectors", { signal }))).items,
  staleTime: 60_000,
});

/** Every repository of the tenant that the signed-in person sees, a page after the other. */
export const repositoriesQuery = queryOptions({
  queryKey: ["repositories"],
  queryFn: async ({ signal }) => {
    const items: Repository[] = [];
    let cursor: string | null = null;
    do {
      const query: { cursor?: string } = cursor === null ? {} : { cursor };
      const page: { items: Repository[]; nextCursor: string | null } = await bodyOf(
        api.GET("/api/repositories", { params: { query }, signal }),
      );
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return items;
  },
  staleTime: 60_000,
});

/** A project's board, with when it was asked for in ms of the page's own clock; its page follows it over a socket. */
export const boardQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["board", projectId],
    queryFn: async ({ signal }) => {
      const askedAtMs = performance.now();
      const board = await bodyOf(api.GET("/api/projects/{id}/board", { params: { path: { id: projectId } }, signal }));
      return { ...board, askedAtMs };
    },
  });

export const ticketQuery = (ticketId: string) =>
  queryOptions({
    queryKey: ["ticket", ticketId],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/tickets/{id}", { params: { path: { id: ticketId } }, signal })),
  });

/** The newest hundred tickets that a text finds: in one project, or in all of the tenant's where it is null. */
export const ticketSearchQuery = (search: string, projectId: string | null) =>
  queryOptions({
    queryKey: ["ticket-search", projectId, search],
    queryFn: async ({ signal }) => {
      const query = { search, limit: 100, ...(projectId === null ? {} : { projectId }) };
      return (await bodyOf(api.GET("/api/tickets", { params: { query }, signal }))).items;
    },
    staleTime: 15_000,
  });

/** A person's saved views of a board, and those that others share. */
export const viewsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["views", projectId],
    queryFn: async ({ signal }) =>
      (await bodyOf(api.GET("/api/projects/{id}/views", { params: { path: { id: projectId } }, signal }))).items,
    staleTime: 30_000,
  });

function runPage(filter: RunFilter, limit: number, cursor: string | null, text: string, signal: AbortSignal) {
  const query = {
    limit,
    ...(filter === "all" ? {} : { state: filter }),
    ...(text === "" ? {} : { q: text }),
    ...(cursor === null ? {} : { cursor }),
  };
  return bodyOf(api.GET("/api/runs", { params: { query }, signal }));
}

/** The newest runs of one kind, for short lists; the tenant's feed has them loaded again. */
export const runsQuery = (filter: RunFilter, limit: number) =>
  queryOptions({
    queryKey: ["runs", "newest", filter, limit],
    queryFn: async ({ signal }) => (await runPage(filter, limit, null, "", signal)).items,
  });

/** All runs of one kind that `text` is found in, a page of thirty at a time. An empty text finds all. */
export const runPagesQuery = (filter: RunFilter, text: string) =>
  infiniteQueryOptions({
    queryKey: ["runs", "pages", filter, text],
    queryFn: ({ pageParam, signal }) => runPage(filter, 30, pageParam, text, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

/** The runs on a ticket, the newest first, a page of five at a time. */
export const ticketRunsQuery = (ticketId: string) =>
  infiniteQueryOptions({
    queryKey: ["runs", "ticket", ticketId],
    queryFn: ({ pageParam, signal }) => {
      const query = { ticketId, limit: 5, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return bodyOf(api.GET("/api/runs", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

export const runQuery = (runId: string) =>
  queryOptions({
    queryKey: ["run", runId],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/runs/{id}", { params: { path: { id: runId } }, signal })),
  });

/** The run's effects that are pending or parked. */
export const runEffectsQuery = (runId: string) =>
  queryOptions({
    queryKey: ["run-effects", runId],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/runs/{id}/effects", { params: { path: { id: runId } }, signal })),
    staleTime: 60_000,
  });

/** A run's events after number `since`, at most `limit` of them. */
export async function runEvents(runId: string, since: number, limit: number, signal?: AbortSignal) {
  const params = { path: { id: runId }, query: { since, limit } };
  const page = await bodyOf(api.GET("/api/runs/{id}/events", { params, ...(signal === undefined ? {} : { signal }) }));
  return page.items as readonly RunEvent[];
}

/** The images that went with a run's prompt, which its first event names. */
export const runImagesQuery = (runId: string) =>
  queryOptions({
    queryKey: ["run-images", runId],
    queryFn: async ({ signal }) => {
      const [first] = await runEvents(runId, 0, 1, signal);
      return first?.type === "run.created" ? first.data.images : [];
    },
    staleTime: Infinity,
  });

/** The diff of the pull request that a run reviews, at this head commit. */
export const pullFilesQuery = (runId: string, commit: string) =>
  queryOptions({
    queryKey: ["pull-files", runId, commit],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/runs/{id}/pull-files", { params: { path: { id: runId } }, signal })),
    staleTime: Infinity,
  });

/** Both sides of one path. A patch set is named by the hash of its content, so the answer never changes. */
export const patchContentQuery = (runId: string, hash: string, path: string) =>
  queryOptions({
    queryKey: ["patch", runId, hash, path],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/runs/{id}/patch-sets/{hash}/patches", {
          params: { path: { id: runId, hash }, query: { path } },
          signal,
        }),
      ),
    staleTime: Infinity,
  });

/** The pull request's whole text as it would be written now. The run's record grows on its way, so each state asks for it again. */
export const pullRequestTextQuery = (runId: string, hash: string, state: RunState) =>
  queryOptions({
    queryKey: ["pull-request-text", runId, hash, state],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/runs/{id}/patch-sets/{hash}/pull-request", { params: { path: { id: runId, hash } }, signal }),
      ),
  });

export const ledgerQuery = (runId: string, headSeq: number) =>
  queryOptions({
    queryKey: ["ledger", runId, headSeq],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/runs/{id}/ledger", { params: { path: { id: runId } }, signal })),
  });

/** Every model call of a run, in order. `turns` is how many turns have finished: another one asks again. */
export const modelCallsQuery = (runId: string, turns: number) =>
  queryOptions({
    queryKey: ["model-calls", runId, turns],
    queryFn: async ({ signal }) =>
      (await bodyOf(api.GET("/api/runs/{id}/model-calls", { params: { path: { id: runId } }, signal }))).items,
  });

/** One model call with prompt and answer, which never change. */
export const modelCallQuery = (runId: string, callId: string) =>
  queryOptions({
    queryKey: ["model-call", runId, callId],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/runs/{id}/model-calls/{callId}", { params: { path: { id: runId, callId } }, signal })),
    staleTime: Infinity,
  });

/** The query parameters for the instructions of a tenant (`scopeId` null), project or repository. */
export function instructionOf(scope: Instruction["scope"], scopeId: string | null) {
  return { query: scopeId === null ? { scope } : { scope, scopeId } };
}

export const instructionQuery = (scope: Instruction["scope"], scopeId: string | null) =>
  queryOptions({
    queryKey: ["instruction", scope, scopeId],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/instructions", { params: instructionOf(scope, scopeId), signal })),
  });
