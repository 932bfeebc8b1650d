import * as z from "zod";
import type { RepositoryRef } from "../../ports/forge.ts";
import { readTail } from "./bytes.ts";
import type { ForgeOctokit, ForgeTransport } from "./client.ts";
import { forgeError, toPortError } from "./errors.ts";
import { collectPages, perPage } from "./pages.ts";
import { bodyOf, names } from "./queries.ts";
import { jobSchema, parseAnswer } from "./schemas.ts";

type Job = z.output<typeof jobSchema>;
const jobPageSchema = z.object({ jobs: z.array(jobSchema) });

/**
 * The end of a workflow run's log, at most `maxBytes` of UTF-8: the logs of its jobs one after another, each under a line with
 * its name and outcome. Failed jobs come last, so that cutting the log does not remove them.
 * https://docs.github.com/en/rest/actions/workflow-jobs
 */
export async function readWorkflowRunLog(
  transport: ForgeTransport,
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  workflowRunId: string,
  maxBytes: number,
): Promise<string> {
  if (!/^[1-9]\d{0,18}$/u.test(workflowRunId))
    throw forgeError("permanent", "not_found", "read a log: the id of a workflow run is a number");
  const jobs = await collectPages<Job>("list the jobs of a workflow run", async (page) => {
    const response = await octokit.request("GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs", {
      ...names(repository),
      run_id: Number(workflowRunId),
      filter: "latest",
      per_page: perPage,
      page,
    });
    return {
      items: parseAnswer(jobPageSchema, response.data, "list the jobs of a workflow run").jobs,
      link: response.headers.link,
    };
  });

  const encoder = new TextEncoder();
  const sections: Uint8Array[] = [];
  let left = maxBytes;
  for (const job of failedLast(jobs).toReversed()) {
    if (left <= 0) break;
    const title = encoder.encode(`==> ${job.name}: ${job.conclusion ?? job.status}\n`);
    const tail = await readJobLog(transport, octokit, repository, job, left);
    sections.unshift(title, tail);
    left -= title.length + tail.length;
  }
  const all = new Uint8Array(await new Blob(sections.map((section) => section.slice())).arrayBuffer());
  return decodeTail(all, maxBytes);
}

function failedLast(jobs: readonly Job[]): readonly Job[] {
  const hasFailed = (job: Job): boolean => !["success", "skipped", "neutral"].includes(job.conclusion ?? "");
  return [...jobs.filter((job) => !hasFailed(job)), ...jobs.filter(hasFailed)];
}

/** Ends with a line break. A job that was skipped, still runs, or whose log has expired, has none. */
async function readJobLog(
  transport: ForgeTransport,
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  job: Job,
  maxBytes: number,
): Promise<Uint8Array> {
  const what = "read the log of a job";
  try {
    const { data } = await octokit.request("GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs", {
      ...names(repository),
      job_id: Number(job.id),
      request: { fetch: transport.fetch.streamed(transport.limits.maxLogBytes), parseSuccessResponseBody: false },
    });
    const bytes = await readTail(bodyOf(data, what), maxBytes);
    return bytes.at(-1) === 0x0a ? bytes : withLineBreak(bytes);
  } catch (error) {
    const portError = toPortError(error, what, { isFreshToken: true });
    if (portError.code === "not_found") return new TextEncoder().encode("(no log)\n");
    throw portError;
  }
}

function withLineBreak(bytes: Uint8Array): Uint8Array {
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  longer[bytes.length] = 0x0a;
  return longer;
}

/** The last `maxBytes` as text, beginning at a whole character. */
function decodeTail(bytes: Uint8Array, maxBytes: number): string {
  let start = Math.max(0, bytes.length - maxBytes);
  // Bytes of the form 10xxxxxx continue a character.
  while (start > 0 && start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return new TextDecoder().decode(bytes.subarray(start));
}
