import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { gitDirectory } from "../core.ts";
import type { ForgeContext } from "../context.ts";
import { archiveStream } from "../git/archive.ts";
import { isEmpty, isObjectId, resolveCommit } from "../git/refs.ts";
import { plain, redirect, stream, type Answer } from "../http/answer.ts";
import type { ApiRoutes, RepositoryCall } from "./calls.ts";
import { notFound } from "../http/errors.ts";

const linkLifeMs = 5 * 60_000;
// Lives as long as the process: links are short-lived anyway.
const linkKey = randomBytes(32);

function signatureOf(repositoryId: number, sha: string, expiresAtMs: number): string {
  return createHmac("sha256", linkKey).update(`${repositoryId}:${sha}:${expiresAtMs}`).digest("base64url");
}

async function archiveLink(call: RepositoryCall, ref: string): Promise<Answer> {
  const { context, directory, repository } = call;
  if (await isEmpty(context.git, directory)) throw notFound();
  const sha = await resolveCommit(context.git, directory, ref === "" ? repository.defaultBranch : ref);
  if (sha === undefined) throw notFound();
  const expires = context.now() + linkLifeMs;
  const path = `/_codeload/${repository.id}/legacy.tar.gz/${sha}`;
  return redirect(302, `${context.url}${path}?expires=${expires}&token=${signatureOf(repository.id, sha, expires)}`);
}

/** The redirect to a commit's archive. https://docs.github.com/rest/repos/contents#download-a-repository-archive-tar */
export function addArchiveRoutes(routes: ApiRoutes): void {
  routes.repository("GET", "/tarball", [["contents", "read"]], (call) => archiveLink(call, ""));
  routes.repository("GET", "/tarball/*ref", [["contents", "read"]], (call) =>
    archiveLink(call, call.parameters.text("ref")),
  );
}

/** Serves the archive behind a link that `tarball` gave out; needs no token, for the link itself is one. */
export function serveArchive(context: ForgeContext, url: URL): Answer {
  const [, , id = "", , sha = ""] = url.pathname.split("/");
  const expires = Number(url.searchParams.get("expires"));
  const given = Buffer.from(url.searchParams.get("token") ?? "", "utf8");
  const wanted = Buffer.from(signatureOf(Number(id), sha, expires), "utf8");
  if (
    !isObjectId(sha) ||
    given.length !== wanted.length ||
    !timingSafeEqual(given, wanted) ||
    expires < context.now()
  ) {
    return plain(404, "Not Found");
  }
  const repository = context.store.repositories.byId(Number(id));
  const name = `${repository.owner}-${repository.name}-${sha.slice(0, 7)}`;
  return stream(200, archiveStream(context.git, gitDirectory(context, repository), sha, name), "application/x-gzip", {
    "content-disposition": `attachment; filename="${name}.tar.gz"`,
  });
}
