import { readLog } from "../ci/log.ts";
import { iso } from "../core.ts";
import type { Answer } from "../http/answer.ts";
import type { WorkflowRun } from "../store/runs.ts";
import { heading } from "./files.ts";
import { html, missingPage, page, type Html } from "./html.ts";
import type { Visit } from "./site.ts";

const maxShownChars = 512 * 1024;

function outcome(run: WorkflowRun): Html {
  const word = (run.conclusion ?? run.status).replaceAll("_", " ");
  return html`<strong class="${run.conclusion === "success" ? "ok" : run.conclusion === null ? "dim" : "bad"}"
    >${word}</strong
  >`;
}

/** A table of runs. */
export function runRows({ home }: Visit, runs: readonly WorkflowRun[]): Html {
  const rows = runs.map(
    (run) =>
      html`<tr>
        <td><a href="${home}/actions/runs/${run.id}">${run.workflow.name} #${run.runNumber}</a></td>
        <td>${outcome(run)}</td>
        <td><code>${run.headBranch}</code></td>
        <td class="dim">${iso(run.updatedAtMs)}</td>
      </tr>`,
  );
  return html`<table>
    ${rows}
  </table>`;
}

/** The newest runs. */
export function showRuns(visit: Visit): Answer {
  const runs = visit.context.store.runs.list(visit.repository.id, {}).slice(0, 100);
  return page(
    "Actions",
    html`${heading(visit)}
      <h2>Workflow runs</h2>
      ${runs.length === 0 ? html`<p>None yet.</p>` : runRows(visit, runs)}`,
  );
}

/** One run with its log, the latest attempt's unless the address names a job. */
export async function showRun(visit: Visit): Promise<Answer> {
  const { context, repository, home } = visit;
  const run = context.store.runs.find(visit.parameters.number("id"));
  if (run === undefined || run.repositoryId !== repository.id) return missingPage();
  const jobs = context.store.runs.jobs(run.id);
  const asked = visit.parameters.has("job") ? visit.parameters.number("job") : undefined;
  const job = asked === undefined ? jobs.at(-1) : jobs.find(({ id }) => id === asked);
  if (job === undefined) return missingPage();
  const log = (await readLog(context.dataDir, job.id)).slice(-maxShownChars);
  return page(
    `${run.workflow.name} #${run.runNumber}`,
    html`${heading(visit)}
      <h2>${run.workflow.name} #${run.runNumber}</h2>
      <p>
        ${outcome(run)} · attempt ${job.attempt} · <code>${run.headBranch}</code> ·
        <a href="${home}/commit/${run.headSha}">${run.headSha.slice(0, 10)}</a> · <code>${run.command}</code>
      </p>
      ${log === "" ? html`<p class="dim">No log yet.</p>` : html`<pre>${log}</pre>`}`,
  );
}
