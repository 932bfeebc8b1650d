import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type SearchSchemaInput,
} from "@tanstack/react-router";
import { boardViewKeys } from "../../contracts/board-view-names.ts";
import { ApiError } from "../lib/api.ts";
import { meQuery, type RunFilter } from "../lib/queries.ts";
import { safeReturnPath } from "../lib/return-path.ts";
import { CrashPage, NotFoundPage } from "./fallback-pages.tsx";
import { Root } from "./root.tsx";
import { PageSkeleton, ShellSkeleton } from "./skeletons.tsx";
import { Shell } from "./shell.tsx";

type Raw<T extends string> = { [key in T]?: string } & SearchSchemaInput;

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Only the search parameters that have a value. */
function given<T extends Record<string, string | undefined>>(search: T): { [key in keyof T]?: string } {
  const result: { [key in keyof T]?: string } = {};
  for (const key in search) {
    const value = search[key];
    if (value !== undefined) result[key] = value;
  }
  return result;
}

const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Root,
  notFoundComponent: NotFoundPage,
  errorComponent: CrashPage,
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (search: Raw<"next" | "error" | "error_description">) =>
    given({ next: text(search.next), error: text(search.error), error_description: text(search.error_description) }),
  component: lazyRouteComponent(() => import("../features/sign-in/page.tsx"), "SignInPage"),
});

const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  beforeLoad: async ({ context, location }) => {
    const me = await context.queryClient.query({ ...meQuery, staleTime: "static" });
    if (me === null)
      throw redirect({
        to: "/sign-in",
        search: given({ next: location.href === "/" ? undefined : safeReturnPath(location.href) }),
      });
    return { me };
  },
  component: Shell,
  pendingComponent: ShellSkeleton,
  errorComponent: CrashPage,
});

const commandCenterRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  validateSearch: (search: Raw<"ticket" | "mode" | "again">) =>
    given({ ticket: text(search.ticket), mode: text(search.mode), again: text(search.again) }),
  component: lazyRouteComponent(() => import("../features/command-center/page.tsx"), "CommandCenterPage"),
});

const boardKeys = ["ticket", "new", "parent", ...boardViewKeys] as const;
const boardSearch = (search: Raw<(typeof boardKeys)[number]>): { [key in (typeof boardKeys)[number]]?: string } =>
  given(Object.fromEntries(boardKeys.map((key) => [key, text(search[key])])));

const boardRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/board",
  validateSearch: boardSearch,
  component: lazyRouteComponent(() => import("../features/board/page.tsx"), "BoardPage"),
});

const projectBoardRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/projects/$projectId/board",
  validateSearch: boardSearch,
  component: lazyRouteComponent(() => import("../features/board/page.tsx"), "BoardPage"),
});

const runFilters: readonly RunFilter[] = ["active", "waiting", "final"];

const runsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/runs",
  validateSearch: (search: Raw<"state" | "q">): { state?: RunFilter; q?: string } => {
    const state = runFilters.find((filter) => filter === search.state);
    return { ...given({ q: text(search.q) }), ...(state === undefined ? {} : { state }) };
  },
  component: lazyRouteComponent(() => import("../features/runs/page.tsx"), "RunsPage"),
});

const runRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/runs/$runId",
  validateSearch: (search: Raw<"tab" | "lane">) => given({ tab: text(search.tab), lane: text(search.lane) }),
  component: lazyRouteComponent(() => import("../features/run/page.tsx"), "RunPage"),
});

const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("../features/settings/page.tsx"), "SettingsPage"),
});

const projectsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings/projects",
  validateSearch: (search: Raw<"new">) => given({ new: text(search.new) }),
  component: lazyRouteComponent(() => import("../features/settings/projects/page.tsx"), "ProjectsPage"),
});

const projectRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings/projects/$projectId",
  component: lazyRouteComponent(() => import("../features/settings/projects/project-page.tsx"), "ProjectPage"),
});

const deliveryRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings/repositories",
  component: lazyRouteComponent(() => import("../features/settings/delivery/page.tsx"), "DeliveryPage"),
});

const budgetsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings/budgets",
  component: lazyRouteComponent(() => import("../features/settings/budgets/page.tsx"), "BudgetsPage"),
});

const modelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings/models",
  component: lazyRouteComponent(() => import("../features/settings/models/page.tsx"), "ModelsPage"),
});

const routeTree = rootRoute.addChildren([
  signInRoute,
  shellRoute.addChildren([
    commandCenterRoute,
    boardRoute,
    projectBoardRoute,
    runsRoute,
    runRoute,
    settingsRoute,
    projectsRoute,
    projectRoute,
    deliveryRoute,
    budgetsRoute,
    modelsRoute,
  ]),
]);

/** Search parameters are plain text: `?ticket=12` is the string "12", never a number. */
function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) if (typeof value === "string") query.set(key, value);
  const encoded = query.toString();
  return encoded === "" ? "" : `?${encoded}`;
}

/** The router of the whole app. A 401 from any query or mutation leads to the sign-in page and back. */
export function createAppRouter(queryClient: QueryClient) {
  const router = createRouter({
    routeTree,
    context: { queryClient },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultPendingMs: 80,
    defaultPendingMinMs: 0,
    defaultPendingComponent: PageSkeleton,
    defaultErrorComponent: CrashPage,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: false,
  });
  const leaveWhenSignedOut = (error: unknown) => {
    if (!(error instanceof ApiError) || error.status !== 401 || router.state.location.pathname === "/sign-in") return;
    queryClient.setQueryData(meQuery.queryKey, null);
    void router.navigate({ to: "/sign-in", search: given({ next: safeReturnPath(router.state.location.href) }) });
  };
  queryClient.getQueryCache().config.onError = leaveWhenSignedOut;
  queryClient.getMutationCache().config.onError = leaveWhenSignedOut;
  return router;
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
