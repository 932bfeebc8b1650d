import { folderOf } from "./folders.ts";
import { readRename } from "./rename/rename.ts";
import { unmistakable, wholeWord } from "./rename/rename-code.ts";
import type { AgentRequest } from "./request.ts";
import { tool } from "./work.ts";
import type { Work } from "./work.ts";

/** Where a repository has what the request speaks of. */
export interface Mention {
  readonly identifier: string;
  /** The number of the repository's files that contain it. */
  readonly files: number;
  /** The first place, as `path:line`. */
  readonly first: string;
  /** A line of it declares the name. */
  readonly declared: boolean;
}

/** Looks for the request's identifiers in all repositories; by folder, none for a repository without any of them. */
export function* findMentions(request: AgentRequest): Work<ReadonlyMap<string, readonly Mention[]>> {
  const identifiers = identifiersIn(request.prompt);
  const found = new Map<string, Mention[]>(request.folders.map((folder) => [folder, []]));
  if (identifiers.length === 0) return found;
  const results = yield {
    text: "I look for the names of the request in the repositories.",
    calls: identifiers.map((name) => tool("grep", { pattern: name.replaceAll("$", "\\$") })),
  };
  for (const [index, identifier] of identifiers.entries()) {
    const rows = rowsOf(results[index]?.content ?? "", identifier);
    for (const [folder, mentions] of found) {
      const own = rows.filter(({ path }) => folderOf(path) === folder);
      const [first] = own;
      if (first === undefined) continue;
      const declaration = new RegExp(`\\b(?:function\\*?|const|let|var|class)\\s+${wholeWord(identifier).source}`, "u");
      mentions.push({
        identifier,
        files: new Set(own.map(({ path }) => path)).size,
        first: `${first.path}:${first.line}`,
        declared: own.some(({ text }) => declaration.test(text)),
      });
    }
  }
  return found;
}

/** The repository that declares most of what the request names, else has most of it, else the first. */
export function* likeliestFolder(request: AgentRequest): Work<string> {
  const found = yield* findMentions(request);
  const score = (folder: string): number =>
    (found.get(folder) ?? []).reduce((sum, mention) => sum + mention.files + (mention.declared ? 1000 : 0), 0);
  return request.folders.toSorted((a, b) => score(b) - score(a))[0] ?? "";
}

/** Names in a request that can be searched: the renamed ones, else those in code spans or those that can't be a common word. */
function identifiersIn(prompt: string): readonly string[] {
  const rename = readRename(prompt);
  if (rename !== undefined && !rename.from.startsWith("--")) return [rename.from];
  const spans = [...prompt.matchAll(/`([A-Za-z_$][\w$]*)(?:\([^`]*\))?`/gu)].flatMap(([, name]) => name ?? []);
  const words = (prompt.match(/[A-Za-z_$][\w$]+/gu) ?? []).filter((word) => /[a-z][A-Z]|_/u.test(word));
  return [...new Set([...spans, ...words])].filter((name) => unmistakable(name) || spans.includes(name)).slice(0, 6);
}

function rowsOf(
  grepOutput: string,
  name: string,
): readonly { readonly path: string; readonly line: string; readonly text: string }[] {
  return grepOutput.split("\n").flatMap((row) => {
    const [, path = "", line = "", text = ""] = /^(?:\.\/)?([^:]+):(\d+):(.*)$/u.exec(row) ?? [];
    return path !== "" && wholeWord(name).test(text) ? [{ path, line, text }] : [];
  });
}
