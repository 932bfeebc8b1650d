import { folderOf } from "../folders.ts";
import { readFiles } from "../repository.ts";
import { placesOf } from "../request.ts";
import type { AgentRequest } from "../request.ts";
import { clip, tool } from "../work.ts";
import type { Work } from "../work.ts";
import { checkDiff, checkExports, checkFile, checkTestsBeside } from "./checks.ts";
import { readDiff } from "./diff.ts";

/** Reviews a diff by rules and submits a verdict; sends back only for blockers. `canRead`: `read_file` is offered. */
export function* reviewer(request: AgentRequest, canRead: boolean): Work {
  const files = readDiff(request.diff);
  const changed = files
    .filter((file) => !file.removed)
    .map((file) => file.path)
    .slice(0, 40);
  const texts = canRead
    ? yield* readFiles(
        `The diff changes ${files.length} file${files.length === 1 ? "" : "s"}. I read ${changed.length === 1 ? "it" : "them"} as they are now.`,
        changed,
      )
    : new Map<string, string>();
  // Documentation and tests of one repository say nothing about the code of another.
  const byRepository = placesOf(request).map((place) =>
    files.filter(({ path }) => place === "" || folderOf(path) === place),
  );
  const findings = [
    ...files.flatMap(checkDiff),
    ...[...texts].flatMap(([path, text]) => checkFile(path, text)),
    ...byRepository.flatMap((group) => checkExports(group)),
    ...(request.mode?.start === "pull_request" ? byRepository.flatMap((group) => checkTestsBeside(group)) : []),
  ]
    .slice(0, 100)
    .map((finding) => ({ ...finding, message: clip(finding.message, 4000) }));
  const blockers = findings.filter((finding) => finding.severity === "blocker").length;
  const added = files.reduce((sum, file) => sum + file.added.length, 0);
  const deleted = files.reduce((sum, file) => sum + file.deleted.length, 0);
  const summary = [
    files.length === 0
      ? "I found no diff to review."
      : `${files.length} file${files.length === 1 ? "" : "s"} changed, ${added} line${added === 1 ? "" : "s"} added, ${deleted} deleted.`,
    "Checked by rule: syntax of the changed files, leftover debugging, conflict markers, dropped errors, skipped, removed, weakened or missing tests, large deletions, exports without documentation, CI files. Whether the change does what was asked for needs a person or a model.",
    blockers > 0 ? `${blockers} finding${blockers === 1 ? "" : "s"} must be repaired.` : "Nothing must be repaired.",
    "_Made by the offline demo agent, no model: by rules over the diff, without running anything._",
  ].join("\n\n");
  yield {
    text: blockers > 0 ? "This has to go back." : "By my rules nothing stands against it.",
    calls: [tool("submit_review", { verdict: blockers > 0 ? "send_back" : "approve", summary, findings })],
  };
}
