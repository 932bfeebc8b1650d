import { permissionsIn, allows, type Actor, type Need } from "../auth/actor.ts";
import { gitDirectory } from "../core.ts";
import type { ForgeContext } from "../context.ts";
import type { Repository } from "../store/repositories.ts";
import type { Permissions } from "../types.ts";
import { json, type Answer } from "../http/answer.ts";
import { badCredentials, notAccessible, notFound } from "../http/errors.ts";
import { paginate, type Page } from "../http/pages.ts";
import { Fields, type Parameters } from "../http/request.ts";
import { Router } from "../http/router.ts";

/** One request of the REST API. */
export interface Call {
  readonly context: ForgeContext;
  readonly actor: Actor;
  readonly parameters: Parameters;
  /** The request's public address. */
  readonly url: URL;
  readonly accept: string;
  /** The Authorization header, or empty. */
  readonly authorization: string;
  /** The whole body; read before the handler runs. */
  readonly body: Buffer;
}

/** A request about a repository that the caller may see. */
export interface RepositoryCall extends Call {
  readonly repository: Repository;
  /** The bare git directory. */
  readonly directory: string;
  /** The caller's in this repository. */
  readonly permissions: Permissions;
}

/** The request's JSON body as fields. Throws ApiError 400. */
export function fieldsOf(call: Call): Fields {
  return Fields.parse(call.body);
}

/** A query parameter; empty counts as absent. */
export function query(call: Call, name: string): string | undefined {
  const value = call.url.searchParams.get(name);
  return value === null || value === "" ? undefined : value;
}

/** Cuts the asked page and maps its items. */
export async function pageOf<T, R>(
  call: Call,
  items: readonly T[],
  build: (item: T) => R | Promise<R>,
): Promise<Page<R>> {
  const page = paginate(items, call.url);
  return { items: await Promise.all(page.items.map(build)), totalCount: page.totalCount, headers: page.headers };
}

export interface ApiRoute {
  readonly handle: (call: Call) => Promise<Answer>;
  /** True: an accepted call is a mutation and goes into the ledger. */
  readonly isWrite: boolean;
}

type Handler<C> = (call: C) => Promise<Answer> | Answer;

/** The REST API's routes, below `/api/v3`. */
export class ApiRoutes {
  readonly router = new Router<ApiRoute>();

  /** A route that checks its caller itself, and is no mutation of a repository. */
  plain(method: string, pattern: string, handler: Handler<Call>): void {
    this.router.add(method, pattern, { handle: async (call) => handler(call), isWrite: false });
  }

  /** A route that only the app itself may call, with its JSON web token. */
  app(method: string, pattern: string, handler: Handler<Call>): void {
    this.plain(method, pattern, (call) => {
      if (call.actor.kind !== "app") throw badCredentials("A JSON web token could not be decoded");
      return handler(call);
    });
  }

  /**
   * A route below `/repos/:owner/:repo` and `/repositories/:id`; any one of `needs` lets the caller in. What isn't GET is a mutation. A former
   * name redirects to the id, as on GitHub: https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
   */
  repository(method: string, pattern: string, needs: readonly Need[], handler: Handler<RepositoryCall>): void {
    const route: ApiRoute = {
      isWrite: method !== "GET",
      handle: async (call) => {
        const { context, actor } = call;
        const repository = repositoryOf(call);
        const permissions = repository === undefined ? undefined : permissionsIn(context, actor, repository);
        if (repository === undefined || permissions === undefined) return movedFrom(call, method);
        if (!needs.some((need) => allows(permissions, need))) {
          if (actor.kind === "anonymous") throw badCredentials("Requires authentication");
          throw notAccessible();
        }
        return handler({ ...call, repository, permissions, directory: gitDirectory(context, repository) });
      },
    };
    this.router.add(method, `/repos/:owner/:repo${pattern}`, route);
    this.router.add(method, `/repositories/:repository_id${pattern}`, route);
  }
}

/** The repository that a path below `/repos` or `/repositories` names. */
export function repositoryOf({ context, parameters }: Pick<Call, "context" | "parameters">): Repository | undefined {
  const { repositories } = context.store;
  if (parameters.has("repository_id")) return repositories.find(parameters.number("repository_id"));
  return repositories.byName(parameters.text("owner"), parameters.text("repo"));
}

/** The redirect from a repository's former name to its id. Throws ApiError 404 when there is none that the caller may see. */
function movedFrom({ actor, context, parameters, url }: Call, method: string): Answer {
  if (parameters.has("repository_id")) throw notFound();
  const { repositories } = context.store;
  const id = repositories.formerId(parameters.text("owner"), parameters.text("repo"));
  const repository = id === undefined ? undefined : repositories.find(id);
  if (repository === undefined || permissionsIn(context, actor, repository) === undefined) throw notFound();
  const rest = url.pathname.replace(/^\/api\/v3\/repos\/[^/]+\/[^/]+/u, "");
  const location = `${context.apiUrl}/repositories/${repository.id}${rest}${url.search}`;
  const isRead = method === "GET";
  return json(
    isRead ? 301 : 307,
    { message: isRead ? "Moved Permanently" : "Temporary Redirect", url: location },
    { location },
  );
}

/** Tells whether the caller asked for a media type such as `diff` or `raw`. */
export function accepts(call: Call, kind: "diff" | "patch" | "raw" | "object"): boolean {
  return new RegExp(`application/vnd\\.github\\.(v3\\.)?${kind}(\\+json)?`).test(call.accept);
}
