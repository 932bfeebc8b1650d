import * as z from "zod";
import type { SandboxChangesHead } from "../contracts/sandbox-host.ts";
import { cleanAttributes, cleaned, type FileAttributes } from "./clean.ts";
import { HostError } from "./errors.ts";
import type { GuestLink } from "./guest-link.ts";
import { blobIdOf } from "./archive-content.ts";
import { nameBytes } from "./guest/names.ts";
import type { BaseFile } from "./seed.ts";

type Change = SandboxChangesHead["changes"][number];

export interface ChangeSet {
  readonly changes: readonly Change[];
  /** The bytes of each change that has `sizeBytes`, in order. */
  readonly contents: readonly Buffer[];
}

const walkedFile = z.strictObject({
  path: z.string().min(1).max(4096),
  mode: z.enum(["100644", "100755", "120000"]),
  sizeBytes: z.int().min(0),
  blob: z.string().regex(/^[0-9a-f]{40}$/),
});
type WalkedFile = z.infer<typeof walkedFile>;

const contentNote = z.strictObject({ path: z.string(), sizeBytes: z.int().min(0) });
const maxWalkBytes = 256 * 1024 * 1024;
const maxChangedPaths = 20_000;
const attempts = 3;

/**
 * Compares the work tree with the base that the host recorded at the seed. The guest lists the files; content is hashed
 * here. A file that changes while it is read makes it start again, three times at most (`changed_meanwhile`).
 * Throws `too_large` when the changed content is over `maxBytes`.
 */
export async function collectChanges(
  link: GuestLink,
  dir: string,
  base: ReadonlyMap<string, BaseFile>,
  maxBytes: number,
): Promise<ChangeSet> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const walked = await walkTree(link, dir, base);
      const changes = compare(base, walked);
      expectWithin(changes, maxBytes);
      const contents = await readContents(link, dir, changes);
      return asGitAdds(base, { changes, contents }, await readAttributes(link, dir, changes));
    } catch (error) {
      const retry = error instanceof HostError && error.code === "changed_meanwhile" && attempt < attempts;
      if (!retry) throw error;
    }
  }
}

function expectWithin(changes: readonly Change[], maxBytes: number): void {
  const sizeBytes = changes.reduce((sum, change) => sum + (change.sizeBytes ?? 0), 0);
  if (sizeBytes <= maxBytes) return;
  throw new HostError("too_large", `the changes hold ${String(sizeBytes)} bytes, ${String(maxBytes)} are allowed`);
}

/** Converts changed files as `git add` does. One that is the base's content again is no change. */
function asGitAdds(
  base: ReadonlyMap<string, BaseFile>,
  { changes, contents }: ChangeSet,
  attributes: ReadonlyMap<string, FileAttributes>,
): ChangeSet {
  const converted: { change: Change; content: Buffer | undefined }[] = [];
  let next = 0;
  for (const change of changes) {
    const raw = change.sizeBytes === undefined ? undefined : contents[next];
    if (change.sizeBytes !== undefined) next += 1;
    const own = attributes.get(change.path);
    if (raw === undefined || own === undefined) {
      converted.push({ change, content: raw });
      continue;
    }
    const before = base.get(change.path);
    const content = cleaned(raw, own, before?.hasCrlf ?? false);
    const afterBlob = content === raw ? change.afterBlob : blobIdOf(content);
    if (before !== undefined && before.mode === change.afterMode && before.blob === afterBlob) continue;
    const filter =
      own.filter === undefined || own.filter === "unset" || own.filter === "set" ? {} : { filter: own.filter };
    converted.push({ change: { ...change, afterBlob, sizeBytes: content.byteLength, ...filter }, content });
  }
  return {
    changes: converted.map(({ change }) => change),
    contents: converted.flatMap(({ content }) => content ?? []),
  };
}

const checkedAttributes = z.array(z.tuple([z.string(), z.enum(cleanAttributes), z.string().max(200)]));

/** The `.gitattributes` of the work tree for each changed file; paths without an attribute are left out. */
async function readAttributes(
  link: GuestLink,
  dir: string,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, FileAttributes>> {
  const paths = changes.flatMap(({ afterMode, path }) => (afterMode?.startsWith("100") === true ? [path] : []));
  const found = new Map<string, FileAttributes>();
  if (paths.length === 0) return found;
  const chunks: Buffer[] = [];
  let length = 0;
  await link.call(
    { op: "attributes", dir },
    {
      input: (stream) => stream.data(joinPaths(paths)),
      onData: (bytes) => {
        length += bytes.byteLength;
        if (length > maxWalkBytes) throw new HostError("too_large", "too many attributes");
        chunks.push(bytes);
      },
    },
  );
  const listed = parseGuest(checkedAttributes, JSON.parse(Buffer.concat(chunks).toString("utf8")));
  for (const [path, name, value] of listed) found.set(path, { ...found.get(path), [name]: value });
  return found;
}

async function walkTree(
  link: GuestLink,
  dir: string,
  base: ReadonlyMap<string, BaseFile>,
): Promise<Map<string, WalkedFile>> {
  const chunks: Buffer[] = [];
  let length = 0;
  await link.call(
    { op: "walk", dir },
    {
      input: (stream) => stream.data(joinPaths(base.keys())),
      onData: (bytes) => {
        length += bytes.byteLength;
        if (length > maxWalkBytes) throw new HostError("too_large", "too many files to compare");
        chunks.push(bytes);
      },
    },
  );
  const walked = new Map<string, WalkedFile>();
  for (const line of Buffer.concat(chunks).toString("utf8").split("\n")) {
    if (line === "") continue;
    const file = parseGuest(walkedFile, JSON.parse(line));
    if (!isPlainPath(file.path)) throw new HostError("sandbox_failed", "the guest named an impossible path");
    walked.set(file.path, file);
  }
  return walked;
}

function compare(base: ReadonlyMap<string, BaseFile>, walked: ReadonlyMap<string, WalkedFile>): Change[] {
  const changes: Change[] = [];
  for (const [path, before] of base) {
    if (walked.has(path)) continue;
    changes.push({ path, status: "deleted", beforeMode: before.mode, beforeBlob: before.blob });
  }
  for (const { path, mode, blob, sizeBytes } of walked.values()) {
    const before = base.get(path);
    const after = { afterMode: mode, afterBlob: blob, sizeBytes };
    if (before === undefined) changes.push({ path, status: "added", ...after });
    else if (before.mode !== mode || before.blob !== blob) {
      changes.push({ path, status: "modified", beforeMode: before.mode, beforeBlob: before.blob, ...after });
    }
  }
  if (changes.length > maxChangedPaths) {
    throw new HostError("too_large", `${String(changes.length)} paths changed, ${String(maxChangedPaths)} are allowed`);
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function readContents(link: GuestLink, dir: string, changes: readonly Change[]): Promise<Buffer[]> {
  const expected = changes.filter((change) => change.sizeBytes !== undefined);
  const contents: Buffer[] = [];
  if (expected.length === 0) return contents;
  let pieces: Buffer[] = [];
  let left = 0;
  const complete = () => {
    const content = Buffer.concat(pieces);
    if (blobIdOf(content) !== expected[contents.length]?.afterBlob) throw meanwhile();
    contents.push(content);
    pieces = [];
  };
  await link.call(
    { op: "contents", dir },
    {
      input: (stream) => stream.data(joinPaths(expected.map(({ path }) => path))),
      onNote: (value) => {
        const note = parseGuest(contentNote, value);
        const next = expected[contents.length];
        if (left > 0 || next === undefined || note.path !== next.path || note.sizeBytes !== next.sizeBytes)
          throw meanwhile();
        left = note.sizeBytes;
        if (left === 0) complete();
      },
      onData: (bytes) => {
        left -= bytes.byteLength;
        if (left < 0) throw new HostError("sandbox_failed", "the guest sent more than it said");
        pieces.push(bytes);
        if (left === 0) complete();
      },
    },
  );
  if (contents.length !== expected.length) throw meanwhile();
  return contents;
}

function joinPaths(paths: Iterable<string>): Buffer {
  return nameBytes([...paths].join("\0"));
}

function isPlainPath(path: string): boolean {
  return (
    path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && part !== ".git") &&
    !path.includes("\0")
  );
}

function meanwhile(): HostError {
  return new HostError("changed_meanwhile", "files changed while they were read");
}

/** Checks what the guest sent against a schema. Throws `sandbox_failed`. */
export function parseGuest<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new HostError("sandbox_failed", "the guest sent what it must not");
  return parsed.data;
}
