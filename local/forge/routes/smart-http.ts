import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { accountOf, actorName, allows, authenticate, permissionsIn, type Actor } from "../auth/actor.ts";
import type { ForgeContext } from "../context.ts";
import { gitDirectory } from "../core.ts";
import { refsChanged } from "../events/ref-changes.ts";
import { ApiError } from "../http/errors.ts";
import type { Repository } from "../store/repositories.ts";
import { packet } from "../git/push.ts";
import { listRefs, noObject, type RefChange } from "../git/refs.ts";
import { declineUnsigned } from "./signature-rule.ts";

type Service = "git-upload-pack" | "git-receive-pack";

const readConfig = ["-c", "uploadpack.allowFilter=true", "-c", "uploadpack.allowReachableSHA1InWant=true"];
const writeConfig = [
  ...["-c", "transfer.fsckObjects=true", "-c", "receive.autogc=false", "-c", "receive.hideRefs=refs/pull"],
  ...["-c", "receive.maxInputSize=1073741824"],
];

/** A request of git's HTTP protocol. */
export interface GitRequest {
  readonly owner: string;
  readonly name: string;
  readonly service: Service;
  readonly advertises: boolean;
}

/** Tells a git request by its method, path and query; undefined for anything else. */
export function parseGitRequest(method: string, url: URL): GitRequest | undefined {
  const [, owner, name, rest] =
    /^\/([\w.-]+)\/([\w.-]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname) ?? [];
  if (owner === undefined || name === undefined || rest === undefined) return undefined;
  const asked = rest === "info/refs" ? url.searchParams.get("service") : rest;
  if (asked !== "git-upload-pack" && asked !== "git-receive-pack") return undefined;
  if (method !== (rest === "info/refs" ? "GET" : "POST")) return undefined;
  return { owner, name, service: asked, advertises: rest === "info/refs" };
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const headers = status === 401 ? { "www-authenticate": 'Basic realm="GitHub"' } : {};
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers }).end(`${message}\n`);
}

/** Lets the caller in, or answers; git asks again with a password after a 401. */
function admit(
  context: ForgeContext,
  git: GitRequest,
  request: IncomingMessage,
  response: ServerResponse,
): { repository: Repository; actor: Actor } | undefined {
  let actor: Actor;
  try {
    actor = authenticate(context, request.headers.authorization);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    refuse(response, 401, "Invalid username or token.");
    return undefined;
  }
  const repository = context.store.repositories.byName(git.owner, git.name);
  const permissions = repository === undefined ? undefined : permissionsIn(context, actor, repository);
  const level = git.service === "git-receive-pack" ? "write" : "read";
  if (repository !== undefined && permissions !== undefined && allows(permissions, ["contents", level]))
    return { repository, actor };
  if (actor.kind === "anonymous") refuse(response, 401, "Repository not found.");
  else if (permissions === undefined) refuse(response, 404, "Repository not found.");
  else
    refuse(
      response,
      403,
      level === "write" ? "Write access to repository not granted." : "Access to repository not granted.",
    );
  return undefined;
}

/** Answers git's smart HTTP protocol. https://git-scm.com/docs/http-protocol */
export async function serveGit(
  context: ForgeContext,
  git: GitRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const admitted = admit(context, git, request, response);
  if (admitted === undefined) return;
  const { repository, actor } = admitted;
  if (git.service === "git-upload-pack" || git.advertises) {
    await exchange(context, git, repository, request, response);
    response.end();
    return;
  }
  await context.locks.hold(repository.id, async () => {
    const directory = gitDirectory(context, repository);
    const before = await refMap(context, directory);
    try {
      await receive(context, git, repository, request, response);
    } finally {
      const changes = changesBetween(before, await refMap(context, directory));
      if (changes.length > 0) {
        recordPush(context, actor, repository, changes);
        await refsChanged(context, repository, changes, accountOf(context, actor));
      }
      // Only now does the push end for the client: what follows from it is already recorded.
      response.end();
    }
  });
}

/** Takes a push. Where a rule judges its commits it is kept until it has been read. */
async function receive(
  context: ForgeContext,
  git: GitRequest,
  repository: Repository,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!context.store.repositories.requiresSignatures(repository.id))
    return exchange(context, git, repository, request, response);
  const folder = await mkdtemp(join(context.dataDir, "push-"));
  try {
    const file = join(folder, "push");
    await pipeline(bodyOf(request), createWriteStream(file));
    const answer = await declineUnsigned(context, repository, file);
    if (answer === undefined) {
      await exchange(context, git, repository, request, response, createReadStream(file));
      return;
    }
    writeHead(git, response);
    response.write(answer);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The body of a request as the client meant it. */
function bodyOf(request: IncomingMessage): Readable {
  return request.headers["content-encoding"] === "gzip" ? request.pipe(createGunzip()) : request;
}

function writeHead(git: GitRequest, response: ServerResponse): void {
  response.writeHead(200, {
    "content-type": `application/x-${git.service}-${git.advertises ? "advertisement" : "result"}`,
    "cache-control": "no-cache, max-age=0, must-revalidate",
  });
}

async function refMap(context: ForgeContext, directory: string): Promise<Map<string, string>> {
  const entries = await listRefs(context.git, directory, "refs/");
  return new Map(entries.filter(({ ref }) => !ref.startsWith("refs/pull/")).map(({ ref, sha }) => [ref, sha]));
}

function changesBetween(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): RefChange[] {
  const changes: RefChange[] = [];
  for (const ref of new Set([...before.keys(), ...after.keys()])) {
    const change = { ref, before: before.get(ref) ?? noObject, after: after.get(ref) ?? noObject };
    if (change.before !== change.after) changes.push(change);
  }
  return changes;
}

function recordPush(context: ForgeContext, actor: Actor, repository: Repository, changes: readonly RefChange[]): void {
  context.store.writes.append({
    atMs: context.now(),
    actor: actorName(actor),
    tokenId: actor.kind === "installation" || actor.kind === "user" ? actor.tokenId : "",
    method: "POST",
    path: `/${repository.owner}/${repository.name}.git/git-receive-pack`,
    repository: `${repository.owner}/${repository.name}`,
    status: 200,
    result: changes.map(({ ref, after }) => `${ref} ${after}`).join(", "),
  });
}

async function exchange(
  context: ForgeContext,
  git: GitRequest,
  repository: Repository,
  request: IncomingMessage,
  response: ServerResponse,
  body: Readable = bodyOf(request),
): Promise<void> {
  const directory = gitDirectory(context, repository);
  const protocol = String(request.headers["git-protocol"] ?? "");
  const version = /^version=[012]$/.test(protocol) ? protocol : undefined;
  const config = git.service === "git-receive-pack" ? writeConfig : readConfig;
  const command = git.service.slice("git-".length);
  const args = [...config, command, "--stateless-rpc", ...(git.advertises ? ["--advertise-refs"] : []), directory];
  const child = context.git.start(directory, args, version === undefined ? {} : { env: { GIT_PROTOCOL: version } });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error("git was started without pipes");
  stderr.resume();
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
    child.on("error", () => resolve());
  });
  response.on("close", () => child.kill());
  writeHead(git, response);
  if (git.advertises) {
    stdin.end();
    // The second version of the protocol has no announcement of the service.
    if (version !== "version=2" || git.service === "git-receive-pack")
      response.write(Buffer.concat([packet(`# service=${git.service}\n`), Buffer.from("0000")]));
  } else {
    // When git refuses a request early it stops reading the body; its answer has the reason.
    pipeline(body, stdin).catch(() => undefined);
  }
  await pipeline(stdout, response, { end: false }).catch(() => undefined);
  await ended;
}
