import type { IncomingMessage } from "node:http";
import { moveRepository, setReaders } from "../bring-in/moves.ts";
import { importRepository } from "../bring-in/repository.ts";
import { install, SetupError } from "../bring-in/installations.ts";
import type { ForgeContext } from "../context.ts";
import { setOutsideCheck, setRequiredChecks, setRequiredSignatures } from "../bring-in/outside-checks.ts";
import { empty, json, type Answer } from "../http/answer.ts";
import { ApiError, notFound, unprocessable } from "../http/errors.ts";
import { isLocalProgram } from "../http/hosts.ts";
import { Fields, readBody } from "../http/request.ts";
import { parsePermissions } from "../store/installations.ts";
import type { ForgeWrite, ImportedRepository } from "../types.ts";

/**
 * Only a program on this machine may set the forge up: the connection comes from loopback, the Host is loopback (no
 * rebinding), and no browser page sent it (they can't leave out Origin on a write, nor send JSON without asking first).
 */
function checkLocal(request: IncomingMessage): void {
  if (!isLocalProgram(request)) throw new ApiError(403, "Only programs on this machine may use this address.");
  if (request.method === "POST" && !/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
    throw new ApiError(415, "Send JSON.");
  }
}

function addFault(context: ForgeContext, fields: Fields): Answer {
  const match = fields.object("match");
  const source = match?.text("path") ?? ".*";
  let path: RegExp;
  try {
    path = new RegExp(source);
  } catch {
    throw unprocessable(`match.path is no regular expression: ${source}`);
  }
  const status = fields.integer("status") ?? 502;
  if (status < 400 || status > 599) throw unprocessable("status must be from 400 to 599");
  const headers: Record<string, string> = {};
  const given = fields.raw("headers");
  if (typeof given === "object" && given !== null)
    for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = String(value);
  context.faults.add({
    method: match?.text("method")?.toUpperCase(),
    path,
    times: fields.integer("times") ?? 1,
    status,
    after: fields.flag("after") ?? false,
    delayMs: fields.integer("delayMs") ?? 0,
    headers,
  });
  return json<{ faults: number }>(201, { faults: context.faults.list().length });
}

async function bringIn(context: ForgeContext, fields: Fields): Promise<Answer> {
  const [owner, description, defaultBranch, path] = ["owner", "description", "defaultBranch", "path"].map((name) =>
    fields.text(name),
  );
  const kind = fields.text("kind") ?? "directory";
  if (kind !== "directory" && kind !== "tarball") throw unprocessable("kind must be directory or tarball");
  const isPrivate = fields.flag("private");
  const made = await importRepository(context, {
    name: fields.requiredText("name"),
    ...(owner === undefined ? {} : { owner }),
    ...(description === undefined ? {} : { description }),
    ...(defaultBranch === undefined ? {} : { defaultBranch }),
    ...(path === undefined ? {} : { source: { kind, path } }),
    ...(isPrivate === undefined ? {} : { private: isPrivate }),
  });
  return json<ImportedRepository>(201, made);
}

function move(context: ForgeContext, fields: Fields): Answer {
  const [newOwner, newName] = [fields.text("newOwner"), fields.text("newName")];
  moveRepository(context, {
    owner: fields.requiredText("owner"),
    name: fields.requiredText("name"),
    ...(newOwner === undefined ? {} : { newOwner }),
    ...(newName === undefined ? {} : { newName }),
  });
  return empty(204);
}

function restrict(context: ForgeContext, fields: Fields): Answer {
  const logins = fields.texts("logins");
  setReaders(context, {
    owner: fields.requiredText("owner"),
    name: fields.requiredText("name"),
    ...(logins === undefined ? {} : { logins }),
  });
  return empty(204);
}

function setInstallation(context: ForgeContext, fields: Fields): Answer {
  const repositories = fields.texts("repositories");
  const { id } = install(context, {
    owner: fields.requiredText("owner"),
    ...(repositories === undefined ? {} : { repositories }),
    ...(fields.has("permissions") ? { permissions: parsePermissions(fields.raw("permissions")) } : {}),
  });
  return json<{ id: number }>(201, { id });
}

async function reportCheck(context: ForgeContext, fields: Fields): Promise<Answer> {
  const kind = fields.text("kind") ?? "status";
  if (kind !== "status" && kind !== "check_run") throw unprocessable("kind must be status or check_run");
  await setOutsideCheck(context, {
    repository: fields.requiredText("repository"),
    commit: fields.requiredText("commit"),
    kind,
    name: fields.requiredText("name"),
    conclusion: fields.text("conclusion") ?? null,
  });
  return empty(204);
}

function requireChecks(context: ForgeContext, fields: Fields): Answer {
  const names = fields.texts("names") ?? [];
  setRequiredChecks(context, {
    repository: fields.requiredText("repository"),
    branch: fields.requiredText("branch"),
    names,
  });
  return empty(204);
}

function requireSignatures(context: ForgeContext, fields: Fields): Answer {
  const repository = fields.requiredText("repository");
  setRequiredSignatures(context, { repository, required: fields.flag("required") ?? true });
  return empty(204);
}

/** The forge's own addresses, which GitHub doesn't have: the ledger, faults for tests, bringing repositories in. */
export async function serveControl(context: ForgeContext, request: IncomingMessage, url: URL): Promise<Answer> {
  checkLocal(request);
  const route = `${request.method ?? "GET"} ${url.pathname}`;
  try {
    if (route === "GET /_forge/health") return json<{ ok: true }>(200, { ok: true });
    if (route === "GET /_forge/writes") return json<readonly ForgeWrite[]>(200, context.store.writes.all());
    if (route === "GET /_forge/faults") {
      const faults = context.faults.list().map(({ path, ...fault }) => ({ ...fault, path: path.source }));
      return json<readonly { path: string; times: number; status: number }[]>(200, faults);
    }
    if (route === "DELETE /_forge/faults") {
      context.faults.clear();
      return empty(204);
    }
    const body = await readBody(request, 1024 * 1024);
    if (route === "POST /_forge/faults") return addFault(context, Fields.parse(body));
    if (route === "POST /_forge/repositories") return await bringIn(context, Fields.parse(body));
    if (route === "POST /_forge/repositories/move") return move(context, Fields.parse(body));
    if (route === "POST /_forge/repositories/readers") return restrict(context, Fields.parse(body));
    if (route === "POST /_forge/checks") return await reportCheck(context, Fields.parse(body));
    if (route === "POST /_forge/required-checks") return requireChecks(context, Fields.parse(body));
    if (route === "POST /_forge/required-signatures") return requireSignatures(context, Fields.parse(body));
    if (route === "POST /_forge/installations") return setInstallation(context, Fields.parse(body));
    throw notFound();
  } catch (error) {
    if (error instanceof SetupError)
      throw new ApiError(error.code === "name_taken" ? 409 : error.code === "not_found" ? 404 : 422, error.message);
    throw error;
  }
}
