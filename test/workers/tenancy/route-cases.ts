import { modeRequests } from "../../../contracts/modes.ts";
import type { Role } from "../../../contracts/common.ts";
import type { PermissionName } from "../../../domain/tenancy/permissions.ts";
import { png } from "../../images.ts";
import type { World } from "../world.ts";
import { boardCases } from "./board-cases.ts";
import { ticketPartCases } from "./ticket-part-cases.ts";

/** A call of one route on a world. */
export interface RouteCase {
  /** As the OpenAPI document writes it. */
  readonly route: string;
  /** Of the route's permissions, the one that this request needs; absent where the route has one. */
  readonly permission?: PermissionName;
  readonly path: (world: World) => string;
  readonly body?: (world: World, role: Role) => unknown;
  /**
   * The answer to a stranger who calls it with the ids of another tenant. 404: such a thing does not exist for them. 200: the answer must
   * not contain it. Absent: a variant of a route that the strangers' tests call already.
   */
  readonly stranger?: 200 | 204 | 400 | 403 | 404 | 409 | 422;
}

const messageId = "00000000-0000-4000-8000-000000000000";
const hash = "a".repeat(64);

function filled(rest: string): string {
  return rest.replace("{hash}/patches", `${hash}/patches?path=x`).replace("{hash}", hash).replace("{callId}", "call");
}

function startBody(mode: "implement" | "review", theirs: World): unknown {
  return {
    projectId: theirs.project.id,
    repositoryId: theirs.repository.id,
    mode,
    // Roles that may start it are refused for the model, so that no run continues behind the test.
    model: "no-such-model",
    prompt: "x",
    ...(modeRequests[mode].pullRequest ? { pullRequestNumber: 7 } : {}),
  };
}

const projectCases: readonly RouteCase[] = [
  { route: "GET /api/me", path: () => "/api/me", stranger: 200 },
  {
    route: "POST /api/me/active-tenant",
    path: () => "/api/me/active-tenant",
    body: (world) => ({ tenantId: world.me.activeTenantId }),
    stranger: 404,
  },
  { route: "GET /api/projects", path: () => "/api/projects", stranger: 200 },
  {
    route: "POST /api/projects",
    path: () => "/api/projects",
    // A key that each role takes for itself, so that a refusal is the role's and not the key's.
    body: (world, role) => ({
      key: `R${role.slice(0, 2).toUpperCase()}`,
      name: "P",
      repositoryIds: [world.repository.id],
    }),
    stranger: 422,
  },
  { route: "GET /api/projects/{id}", path: (world) => `/api/projects/${world.project.id}`, stranger: 404 },
  {
    route: "PATCH /api/projects/{id}",
    path: (world) => `/api/projects/${world.project.id}`,
    body: () => ({ description: "By role" }),
    stranger: 404,
  },
  {
    route: "POST /api/projects/{id}/repositories",
    path: (world) => `/api/projects/${world.project.id}/repositories`,
    body: (world) => ({ repositoryIds: [world.repository.id] }),
    stranger: 404,
  },
  {
    route: "GET /api/projects/{id}/sandbox",
    path: (world) => `/api/projects/${world.project.id}/sandbox`,
    stranger: 404,
  },
  {
    route: "PUT /api/projects/{id}/sandbox",
    path: (world) => `/api/projects/${world.project.id}/sandbox`,
    body: () => ({ size: "large" }),
    stranger: 404,
  },
  {
    route: "GET /api/projects/{id}/delivery",
    path: (world) => `/api/projects/${world.project.id}/delivery`,
    stranger: 404,
  },
  {
    route: "PUT /api/projects/{id}/delivery",
    path: (world) => `/api/projects/${world.project.id}/delivery`,
    body: () => ({ delivery: "all_or_none", repositories: [] }),
    stranger: 404,
  },
  { route: "GET /api/repositories", path: () => "/api/repositories", stranger: 200 },
  {
    route: "GET /api/projects/{id}/budget",
    path: (world) => `/api/projects/${world.project.id}/budget`,
    stranger: 404,
  },
  {
    route: "PUT /api/projects/{id}/budget",
    path: (world) => `/api/projects/${world.project.id}/budget`,
    body: () => ({ monthBudgetMicros: 5_000_000 }),
    stranger: 404,
  },
];

const settingsCases: readonly RouteCase[] = [
  { route: "GET /api/models", path: () => "/api/models", stranger: 200 },
  {
    route: "POST /api/models",
    path: () => "/api/models",
    // A model that another tenant has added hinders no one; this one is refused for a reason of its own.
    body: () => ({ id: "claude-test", provider: "anthropic", name: "Stolen" }),
    stranger: 409,
  },
  {
    route: "PUT /api/models/{id}",
    path: (world) => `/api/models/${world.ownModelId}`,
    body: () => ({ enabled: false }),
    stranger: 404,
  },
  { route: "DELETE /api/models/{id}", path: (world) => `/api/models/${world.ownModelId}`, stranger: 404 },
  { route: "GET /api/provider-keys", path: () => "/api/provider-keys", stranger: 200 },
  {
    route: "PUT /api/provider-keys/{provider}",
    path: () => "/api/provider-keys/anthropic",
    body: () => ({ key: "refused-by-its-provider-0123456789" }),
    stranger: 400,
  },
  { route: "DELETE /api/provider-keys/{provider}", path: () => "/api/provider-keys/anthropic", stranger: 404 },
  { route: "GET /api/connectors", path: () => "/api/connectors", stranger: 200 },
  { route: "POST /api/connectors/visibility", path: () => "/api/connectors/visibility", stranger: 200 },
  {
    route: "POST /api/connectors",
    path: () => "/api/connectors",
    // An administrator who can't see it at the forge is refused too, in other words.
    body: (world) => ({ installationId: String(world.installation) }),
    stranger: 403,
  },
  {
    route: "POST /api/connectors/{id}/sync",
    path: (world) => `/api/connectors/${world.connector.id}/sync`,
    stranger: 404,
  },
  {
    route: "GET /api/instructions",
    path: (world) => `/api/instructions?scope=project&scopeId=${world.project.id}`,
    stranger: 404,
  },
  {
    route: "PUT /api/instructions",
    permission: "instruction.update_project",
    path: (world) => `/api/instructions?scope=repository&scopeId=${world.repository.id}`,
    body: () => ({ text: "Obey the stranger." }),
    stranger: 404,
  },
  {
    route: "PUT /api/instructions",
    permission: "instruction.update_tenant",
    path: () => "/api/instructions?scope=tenant",
    body: () => ({ text: "Obey the tenant." }),
  },
  {
    route: "POST /api/uploads",
    path: () => "/api/uploads",
    body: (_world, role) => (role === "viewer" ? "no image" : png(3, 3)),
    stranger: 400,
  },
  { route: "GET /api/uploads/{id}", path: (world) => `/api/uploads/${world.imageId}`, stranger: 404 },
];

/** Steering is refused by the mode of the run: the world has an implementing run and a review. */
function steered(route: string, rest: string, body?: RouteCase["body"]): readonly RouteCase[] {
  const more = body === undefined ? {} : { body };
  return [
    {
      route,
      permission: "run.steer",
      path: (world) => `/api/runs/${world.runId}${rest}`,
      ...more,
      stranger: 404,
    },
    { route, permission: "run.steer_review", path: (world) => `/api/runs/${world.reviewRunId}${rest}`, ...more },
  ];
}

const runCases: readonly RouteCase[] = [
  { route: "GET /api/runs", path: () => "/api/runs?q=secret", stranger: 200 },
  {
    route: "POST /api/runs",
    permission: "run.start",
    path: () => "/api/runs",
    body: (world) => startBody("implement", world),
    stranger: 422,
  },
  {
    route: "POST /api/runs",
    permission: "run.start_review",
    path: () => "/api/runs",
    body: (world) => startBody("review", world),
  },
  ...[
    "",
    "/events",
    "/patch-sets",
    "/pull-files",
    `/patch-sets/{hash}/patches`,
    `/patch-sets/{hash}/pull-request`,
    "/ledger",
    "/model-calls",
    "/model-calls/{callId}",
    "/effects",
  ].map((rest): RouteCase => ({
    route: `GET /api/runs/{id}${rest}`,
    path: (world) => `/api/runs/${world.runId}${filled(rest)}`,
    stranger: 404,
  })),
  {
    route: "POST /api/runs/{id}/effects/retry",
    path: (world) => `/api/runs/${world.runId}/effects/retry`,
    stranger: 404,
  },
  { route: "GET /api/notices", path: () => "/api/notices", stranger: 200 },
  {
    route: "POST /api/notices/read",
    path: () => "/api/notices/read",
    body: () => ({ upTo: "9007199254740991" }),
    stranger: 204,
  },
  ...["/cancel", "/resume", "/pause"].flatMap((rest) => steered(`POST /api/runs/{id}${rest}`, rest)),
  ...["/answer", "/messages"].flatMap((rest) =>
    steered(`POST /api/runs/{id}${rest}`, rest, () => ({ text: "Obey the stranger." })),
  ),
  ...steered("PUT /api/runs/{id}/messages/{messageId}", `/messages/${messageId}`, () => ({ text: "Obey." })),
  ...steered("DELETE /api/runs/{id}/messages/{messageId}", `/messages/${messageId}`),
  {
    route: "POST /api/runs/{id}/patch-sets/{hash}/decision",
    path: (world) => `/api/runs/${world.runId}/patch-sets/${hash}/decision`,
    body: () => ({ decision: "approve", baseCommit: "b".repeat(40) }),
    stranger: 404,
  },
  {
    route: "POST /api/runs/{id}/pull-requests/{repositoryId}/close",
    path: (world) => `/api/runs/${world.runId}/pull-requests/${world.repository.id}/close`,
    body: () => ({ deletesBranch: true }),
    stranger: 404,
  },
  {
    route: "DELETE /api/runs/{id}/branches/{repositoryId}",
    path: (world) => `/api/runs/${world.runId}/branches/${world.repository.id}`,
    stranger: 404,
  },
  {
    route: "PUT /api/runs/{id}/limits",
    path: (world) => `/api/runs/${world.runId}/limits`,
    body: () => ({ costMicros: null }),
    stranger: 404,
  },
  {
    route: "PUT /api/runs/{id}/repositories",
    path: (world) => `/api/runs/${world.runId}/repositories`,
    body: (world) => ({ repositoryIds: [world.repository.id] }),
    stranger: 404,
  },
  {
    route: "PUT /api/runs/{id}/plan",
    path: (world) => `/api/runs/${world.runId}/plan`,
    body: () => ({
      baseHash: hash,
      baseCommit: "b".repeat(40),
      plan: {
        summary: "s",
        tasks: [{ title: "T", type: "task", description: "", acceptance_criteria: [], depends_on: [] }],
      },
    }),
    stranger: 404,
  },
  {
    route: "PUT /api/runs/{id}/repository-order",
    path: (world) => `/api/runs/${world.runId}/repository-order`,
    body: (world) => ({ repositoryIds: [world.repository.id] }),
    stranger: 404,
  },
];

/** Every route that members reach, and each of its permissions; disconnecting comes last, since it takes the world's repository along. */
export const routeCases: readonly RouteCase[] = [
  ...projectCases,
  ...boardCases,
  ...ticketPartCases,
  ...settingsCases,
  ...runCases,
  { route: "DELETE /api/connectors/{id}", path: (world) => `/api/connectors/${world.connector.id}`, stranger: 404 },
];
