import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import * as z from "zod";
import { rebuildReportSchema, type RunFinding } from "../../contracts/operations.ts";
import { messageOf, StackError } from "./errors.ts";
import { runningPid } from "./lock.ts";
import { keepSecrets, operationsToken } from "./secrets.ts";
import { dataDirFrom } from "./settings.ts";

/*
 * Checks every run of a deployment against its row and writes rows that differ: `npm run rebuild:projection`. With --check nothing is
 * written; --after goes on behind a run; --url and OPERATIONS_TOKEN name a deployment, else it is the stack that runs here.
 */
const portsSchema = z.object({ worker: z.int() });

interface Target {
  readonly url: string;
  readonly token: string;
}

function targetOf(url: string | undefined): Target {
  if (url !== undefined) {
    const token = process.env["OPERATIONS_TOKEN"] ?? "";
    if (token === "") throw new StackError("Set OPERATIONS_TOKEN to the deployment's operations token.");
    return { url, token };
  }
  const dataDir = dataDirFrom(process.env);
  if (runningPid(dataDir) === undefined)
    throw new StackError("Nothing runs here: start it with npm start, or name a deployment with --url.");
  const { worker } = portsSchema.parse(JSON.parse(readFileSync(path.join(dataDir, "ports.json"), "utf8")));
  return { url: `http://127.0.0.1:${worker}`, token: operationsToken(keepSecrets(dataDir)) };
}

function describe({ behind, columns, headSeq, problems, runId, written }: RunFinding): string {
  const row = [
    ...(columns.length > 0 ? [`row differs in ${columns.join(", ")}`] : []),
    ...(behind > 0 ? [`row is ${behind} of ${headSeq} events behind`] : []),
  ];
  return `run ${runId}: ${[...row, ...problems].join("; ")}${written ? " (row written)" : ""}`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { check: { type: "boolean", default: false }, after: { type: "string" }, url: { type: "string" } },
  });
  const target = targetOf(values.url);
  let after = values.after;
  let checked = 0;
  let broken = 0;
  for (;;) {
    const response = await fetch(new URL("/api/operations/run-projections", target.url), {
      method: "POST",
      headers: { authorization: `Bearer ${target.token}`, "content-type": "application/json" },
      body: JSON.stringify({ ...(after === undefined ? {} : { after }), write: !values.check }),
    });
    if (!response.ok) {
      const how = after === undefined ? "" : ` Go on with: --after ${after}`;
      throw new StackError(`${target.url} answered ${response.status}: ${(await response.text()).slice(0, 500)}${how}`);
    }
    const report = rebuildReportSchema.parse(await response.json());
    checked += report.checked;
    for (const finding of report.findings) {
      if (finding.problems.length > 0) broken += 1;
      console.log(describe(finding));
    }
    if (report.next === null) break;
    after = report.next;
  }
  console.log(`${checked} runs checked${broken === 0 ? "" : `, ${broken} contradict themselves`}.`);
  return broken === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
