/** Files in which a repository tells agents how it wants to be worked on; in each folder the first one that exists counts. */
export const instructionFiles = ["AGENTS.md", "CLAUDE.md"] as const;

/** Bytes of one instruction file that go into the prompt; the agent can read the rest. */
export const maxInstructionBytes = 30_000;
/** Bytes of all instruction files below the root that go into the prompt; further ones are named. */
export const maxNestedBytes = 20_000;
/** Instruction files below the root that are read at the start of a run, and that are named at all. */
export const maxNestedRead = 20;
const maxNestedNamed = 50;

/**
 * The text of an instruction file for the prompt: its first `maxBytes` bytes, with a notice where something was left out or guessed.
 * A file that is neither UTF-8 nor UTF-16 is read as Windows-1252, as editors do; one with NUL bytes is no text, and that is said.
 *
 * @param file.bytes the file, or at least its first `maxBytes` bytes
 * @param file.sizeBytes the size of the whole file
 */
export function instructionText(
  file: { readonly path: string; readonly bytes: Uint8Array; readonly sizeBytes: number },
  maxBytes = maxInstructionBytes,
): string {
  const { path, sizeBytes } = file;
  const isCut = sizeBytes > maxBytes;
  const bytes = file.bytes.subarray(0, maxBytes);
  const { encoding, text } = decode(bytes, isCut);
  if (text === undefined) return `[${path} holds bytes that are no text, so it was not read.]`;
  const notices = [
    ...(encoding === "utf-8" ? [] : [`[${path} is not UTF-8. It was read as ${encoding}.]`]),
    ...(isCut
      ? [`[Only the first ${bytes.length} of ${sizeBytes} bytes are here. Read the rest with read_file ${path}.]`]
      : []),
  ];
  return [text.trimEnd(), ...notices].join("\n\n");
}

function decode(bytes: Uint8Array, isCut: boolean): { readonly encoding: string; readonly text: string | undefined } {
  for (const [encoding, first, second] of [
    ["utf-16le", 0xff, 0xfe],
    ["utf-16be", 0xfe, 0xff],
  ] as const)
    if (bytes[0] === first && bytes[1] === second) return { encoding, text: new TextDecoder(encoding).decode(bytes) };
  if (bytes.includes(0)) return { encoding: "utf-8", text: undefined };
  try {
    // A stream keeps the character at the cut back instead of refusing its first bytes.
    return {
      encoding: "utf-8",
      text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes, { stream: isCut }),
    };
  } catch {
    return { encoding: "windows-1252", text: new TextDecoder("windows-1252").decode(bytes) };
  }
}

/**
 * The instruction files below the root, nearest to the root first: of each folder the one that counts.
 *
 * @param paths the repository's files, relative to its root
 */
export function nestedInstructionFiles(paths: readonly string[]): readonly string[] {
  const byFolder = new Map<string, string>();
  for (const name of instructionFiles)
    for (const path of paths) {
      if (!path.endsWith(`/${name}`)) continue;
      const folder = folderOf(path);
      if (!byFolder.has(folder)) byFolder.set(folder, path);
    }
  const depth = (path: string): number => path.split("/").length;
  return [...byFolder.values()].toSorted((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
}

/** The folder for which an instruction file below the root counts. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** The first line of instructions that count only below a folder. */
export function nestedHeading(folder: string): string {
  return `These count for files below ${folder}/ only.`;
}

/** Names the instruction files whose text found no room. */
export function unreadNestedText(paths: readonly string[]): string {
  const named = paths.slice(0, maxNestedNamed).map((path) => `- ${path}`);
  const rest = paths.length - named.length;
  return [
    "Further folders have instructions of their own, which count below them. Read the file with read_file before you change anything there:",
    ...named,
    ...(rest > 0 ? [`- and ${rest} more`] : []),
  ].join("\n");
}
