import * as z from "zod";
import type { PullFile } from "../../../contracts/review.ts";
import type { ForgeReader, ForgeRepository } from "../../ports/forge.ts";
import { fromBase64 } from "../../base64.ts";
import { readAll } from "./bytes.ts";
import { fetchChecks, fetchRequiredChecks } from "./checks.ts";
import type { GitHubClient } from "./client.ts";
import { forgeError } from "./errors.ts";
import { readWorkflowRunLog } from "./log.ts";
import { collectPages, perPage } from "./pages.ts";
import { inParallel } from "./parallel.ts";
import {
  bodyOf,
  fetchBranchHead,
  fetchCommit,
  fetchPullNow,
  fetchPullRequest,
  fetchRepository,
  fetchReview,
  names,
} from "./queries.ts";
import {
  contentSchema,
  objectIdSchema,
  parseAnswer,
  pullDetailsSchema,
  pullFileSchema,
  repositorySchema,
} from "./schemas.ts";
import { readTree } from "./tree.ts";

const repositoryPageSchema = z.object({ repositories: z.array(repositorySchema) });
/** The blob without content, whose answer would have no body. */
const emptyBlob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
/** Blobs that are read at the same time: each takes a connection here and one to where it goes, and a Worker has six. */
const parallelBlobs = 3;

/**
 * Reads GitHub by its REST API (https://docs.github.com/en/rest), each call under a token of its own for that one repository.
 * Errors are those of the port, and `forbidden`, `conflict`, `invalid_request`, `not_a_file`, `bad_key`, `bad_redirect`.
 */
export function createReader(client: GitHubClient): ForgeReader {
  const { limits, fetch } = client.transport;

  return {
    listInstallationRepositories: (installationId) => {
      const what = `list repositories of installation ${installationId}`;
      return client.listing(installationId, what, (octokit) =>
        collectPages<ForgeRepository>(what, async (page) => {
          const response = await octokit.request("GET /installation/repositories", { per_page: perPage, page });
          return {
            items: parseAnswer(repositoryPageSchema, response.data, what).repositories,
            link: response.headers.link,
          };
        }),
      );
    },

    getRepository: (repository) => client.reading(repository, "read the repository", fetchRepository),

    getBranchHead: (repository, branch) =>
      client.reading(repository, "read a branch", (octokit) => fetchBranchHead(octokit, repository, branch)),

    getCommit: (repository, commit) =>
      client.reading(repository, "read a commit", (octokit) => fetchCommit(octokit, repository, checkedCommit(commit))),

    getTree: (repository, commit) =>
      client.reading(repository, "read a tree", (octokit) => readTree(octokit, repository, checkedCommit(commit))),

    getFile: (repository, commit, path) => {
      const what = "read a file";
      return client.reading(repository, what, async (octokit) => {
        const { data } = await octokit.request("GET /repos/{owner}/{repo}/contents/{path}", {
          ...names(repository),
          path: checkedPath(path),
          ref: checkedCommit(commit),
          headers: { accept: "application/vnd.github.object+json" },
        });
        const notAFile = forgeError("permanent", "not_a_file", `${what}: the path is not a file`);
        // Without the object media type's support a directory comes as an array.
        if (Array.isArray(data)) throw notAFile;
        const file = parseAnswer(z.union([contentSchema, z.object({ type: z.literal("dir") })]), data, what);
        if (file.type !== "file" || !("sha" in file)) throw notAFile;
        if ((file.size ?? 0) > limits.maxFileBytes)
          throw forgeError("permanent", "too_large", `${what}: more than ${limits.maxFileBytes} bytes`);
        const inline = file.encoding === "base64" && file.content !== undefined ? fromBase64(file.content) : undefined;
        if (inline !== undefined && inline.length === file.size) return inline;
        // From 1 MB on the content is left out here.
        const raw = await octokit.request("GET /repos/{owner}/{repo}/git/blobs/{file_sha}", {
          ...names(repository),
          file_sha: file.sha,
          headers: { accept: "application/vnd.github.raw+json" },
          request: { fetch: fetch.streamed(limits.maxFileBytes), parseSuccessResponseBody: false },
        });
        return readAll(bodyOf(raw.data, what), limits.maxFileBytes, what);
      });
    },

    readBlobs: (repository, blobs, use) => {
      const what = "read blobs";
      return client.reading(repository, what, (octokit) =>
        inParallel(blobs, parallelBlobs, async (blob) => {
          if (blob === emptyBlob) return use(blob, noBytes());
          const raw = await octokit.request("GET /repos/{owner}/{repo}/git/blobs/{file_sha}", {
            ...names(repository),
            file_sha: checkedCommit(blob),
            headers: { accept: "application/vnd.github.raw+json" },
            request: { fetch: fetch.streamed(limits.maxBlobBytes), parseSuccessResponseBody: false },
          });
          await use(blob, bodyOf(raw.data, what));
        }),
      );
    },

    getTarball: (repository, commit) => {
      const what = "download the tarball";
      return client.reading(repository, what, async (octokit) => {
        const { data } = await octokit.request("GET /repos/{owner}/{repo}/tarball/{ref}", {
          ...names(repository),
          ref: checkedCommit(commit),
          request: { fetch: fetch.streamed(limits.maxTarballBytes), parseSuccessResponseBody: false },
        });
        return bodyOf(data, what);
      });
    },

    findPullRequest: (repository, headBranch) =>
      client.reading(repository, "find a pull request", (octokit, at) => fetchPullRequest(octokit, at, headBranch)),

    getPullRequest: (repository, number) => {
      const what = "read a pull request";
      return client.reading(repository, what, async (octokit) => {
        const { data } = await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", {
          ...names(repository),
          pull_number: number,
        });
        return parseAnswer(pullDetailsSchema, data, what);
      });
    },

    watchPullRequest: (repository, number) =>
      client.reading(repository, "look at a pull request", (octokit) => fetchPullNow(octokit, repository, number)),

    listPullFiles: (repository, number) => {
      const what = "list a pull request's files";
      return client.reading(repository, what, (octokit) =>
        collectPages<PullFile>(what, async (page) => {
          const response = await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}/files", {
            ...names(repository),
            pull_number: number,
            per_page: perPage,
            page,
          });
          return { items: parseAnswer(z.array(pullFileSchema), response.data, what), link: response.headers.link };
        }),
      );
    },

    findReview: (repository, number, commit, marker) =>
      client.reading(repository, "find a review", (octokit) =>
        fetchReview(octokit, repository, number, commit, marker),
      ),

    listChecks: (repository, headCommit) =>
      client.checking(repository, "list the checks of a commit", (octokit) =>
        fetchChecks(octokit, repository, checkedCommit(headCommit)),
      ),

    listRequiredChecks: (repository, branch) =>
      client.reading(repository, "read the checks that a branch demands", (octokit) =>
        fetchRequiredChecks(octokit, repository, branch),
      ),

    getWorkflowRunLog: (repository, workflowRunId, maxBytes) =>
      client.reading(repository, "read the log of a workflow run", (octokit) =>
        readWorkflowRunLog(client.transport, octokit, repository, workflowRunId, maxBytes),
      ),
  };
}

function noBytes(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() });
}

function checkedCommit(commit: string): string {
  if (objectIdSchema.safeParse(commit).success) return commit;
  throw forgeError("permanent", "invalid_request", "not a commit id");
}

function checkedPath(path: string): string {
  if (path !== "" && path.split("/").every((part) => part !== "" && part !== "." && part !== "..")) return path;
  throw forgeError("permanent", "not_found", "read a file: no path of a repository");
}
