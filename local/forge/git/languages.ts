import { isSymlinkMode } from "../../../contracts/file-mode.ts";
import { listTree } from "./objects.ts";
import type { Git } from "./git.ts";

const byExtension = new Map(
  Object.entries({
    ts: "TypeScript",
    mts: "TypeScript",
    cts: "TypeScript",
    tsx: "TypeScript",
    js: "JavaScript",
    mjs: "JavaScript",
    cjs: "JavaScript",
    jsx: "JavaScript",
    py: "Python",
    go: "Go",
    rs: "Rust",
    rb: "Ruby",
    java: "Java",
    kt: "Kotlin",
    swift: "Swift",
    c: "C",
    h: "C",
    cpp: "C++",
    cc: "C++",
    hpp: "C++",
    cs: "C#",
    php: "PHP",
    sh: "Shell",
    html: "HTML",
    css: "CSS",
    scss: "SCSS",
    vue: "Vue",
    svelte: "Svelte",
    lua: "Lua",
    ex: "Elixir",
    dart: "Dart",
  }),
);

/** Bytes of source by language, by file extension, largest first, and the size of all files together. */
export async function measureTree(
  git: Git,
  directory: string,
  commit: string,
): Promise<{ languages: Map<string, number>; sizeBytes: number }> {
  const sums = new Map<string, number>();
  let sizeBytes = 0;
  for (const { path, type, mode, sizeBytes: size = 0 } of await listTree(git, directory, commit, true)) {
    if (type !== "blob") continue;
    sizeBytes += size;
    const language = byExtension.get(/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? "");
    if (language === undefined || isSymlinkMode(mode) || /(^|\/)(node_modules|vendor|dist)\//.test(path)) continue;
    sums.set(language, (sums.get(language) ?? 0) + size);
  }
  return { languages: new Map([...sums].sort(([, one], [, other]) => other - one)), sizeBytes };
}
