import * as z from "zod";

/**
 * The wire between a sandbox host (a machine that runs sandboxes) and the driver that talks to it. Every request carries
 * `Authorization: Bearer <token>`. Routes are under `/v1/sandboxes/:id`; an error is `application/problem+json` of the
 * shape `sandboxHostProblem`.
 */
export const sandboxHostPaths = {
  health: "/v1/health",
  sandboxes: "/v1/sandboxes",
  sandbox: (id: string) => `/v1/sandboxes/${id}`,
  action: (id: string, action: SandboxHostAction) => `/v1/sandboxes/${id}/${action}`,
} as const;

export type SandboxHostAction = "seed" | "blob" | "exec" | "cancel" | "file" | "list" | "changes" | `ports/${number}`;

/** Set on the answer to GET file: the whole file's size in bytes. */
export const fileSizeHeader = "x-file-size-bytes";
/** Carries a `tunnelRequest` or `tunnelResponse` as base64url JSON; the body beside it is the tunnelled body, byte for byte. */
export const tunnelHeader = "x-tunnel";

export const sandboxId = z.string().regex(/^[a-z0-9-]{1,64}$/, "lower case letters, digits and dashes, at most 64");

const environmentName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/);
const noNul = (text: string) => !text.includes("\0");
const argument = z.string().max(128_000).refine(noNul, "must not contain NUL");
export const sandboxPath = z.string().max(4096).refine(noNul, "must not contain NUL");
const environment = z
  .record(environmentName, argument)
  .refine((entries) => Object.keys(entries).length <= 200, "at most 200 variables");

const mebibyte = 1024 * 1024;

export const sandboxOpenRequest = z.strictObject({
  env: environment,
  memoryBytes: z
    .int()
    .min(64 * mebibyte)
    .max(256 * 1024 * mebibyte),
  diskBytes: z
    .int()
    .min(mebibyte)
    .max(256 * 1024 * mebibyte),
  /** Kernel tasks, so each thread counts: a node process is about eleven. */
  maxProcesses: z.int().min(16).max(32_768),
});
export type SandboxOpenRequest = z.infer<typeof sandboxOpenRequest>;

export const sandboxOpenResponse = z.strictObject({
  id: sandboxId,
  generation: z.string().min(1).max(64),
  driver: z.string().min(1).max(64),
});

export const sandboxListResponse = z.strictObject({
  sandboxes: z.array(
    z.strictObject({
      id: sandboxId,
      generation: z.string(),
      startedAt: z.int(),
      /** The last request to it, or the end of its last command; UTC milliseconds as startedAt. */
      lastUsedAt: z.int(),
      runningCommands: z.int(),
      memoryBytes: z.int(),
      processes: z.int(),
    }),
  ),
});
export type SandboxSummary = z.infer<typeof sandboxListResponse>["sandboxes"][number];

const countText = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const fileMode = z.enum(["100644", "100755", "120000"]);
const blobId = z.string().regex(/^[0-9a-f]{40}$/);

/** PUT seed. With `treeBytes` the body begins with that many bytes of JSON, a `sandboxSeedTree`; the tarball follows. */
export const sandboxSeedQuery = z.strictObject({
  dir: sandboxPath,
  base: z.string().max(200),
  treeBytes: countText.optional(),
});
/** Path, mode and git blob id of every file and symlink of the base. */
export const sandboxSeedTree = z.array(z.tuple([sandboxPath.min(1), fileMode, blobId])).max(400_000);
export const sandboxSeedResponse = z.strictObject({
  fileCount: z.int().min(0),
  sizeBytes: z.int().min(0),
  /** Paths of the tree whose content the tarball did not have. PUT blob brings each; the base is whole after the last. */
  missing: z.array(z.string()),
});
/** PUT blob: the body is the content of a path that a seed named as missing. */
export const sandboxBlobQuery = z.strictObject({ dir: sandboxPath, path: sandboxPath.min(1) });

export const sandboxExecRequest = z.strictObject({
  execId: z.string().regex(/^[A-Za-z0-9_.:-]{1,128}$/),
  argv: z.array(argument).min(1).max(4096),
  cwd: sandboxPath.optional(),
  env: environment.optional(),
  stdinBase64: z
    .base64()
    .max(64 * mebibyte)
    .optional(),
  timeoutMs: z
    .int()
    .min(1)
    .max(24 * 3_600_000),
  maxOutputBytes: z
    .int()
    .min(0)
    .max(64 * mebibyte),
});
export type SandboxExecRequest = z.infer<typeof sandboxExecRequest>;

/** One line of the answer to POST exec (NDJSON). `alive` comes while a command is silent; the last line is `exit` or `error`. */
export const sandboxExecFrame = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("output"), stream: z.enum(["stdout", "stderr"]), text: z.string() }),
  z.strictObject({ type: z.literal("alive") }),
  z.strictObject({
    type: z.literal("exit"),
    exitCode: z.int(),
    truncated: z.boolean(),
    timedOut: z.boolean(),
    cancelled: z.boolean(),
    durationMs: z.int().min(0),
  }),
  z.strictObject({
    type: z.literal("error"),
    code: z.string(),
    kind: z.enum(["transient", "permanent"]),
    detail: z.string(),
  }),
]);
export type SandboxExecFrame = z.infer<typeof sandboxExecFrame>;

export const sandboxCancelRequest = z.strictObject({ execId: z.string().min(1).max(128) });
export const sandboxCancelResponse = z.strictObject({ cancelled: z.boolean() });

export const sandboxReadQuery = z.strictObject({
  path: sandboxPath,
  offset: countText.optional(),
  maxBytes: countText.optional(),
});
export const sandboxWriteQuery = z.strictObject({
  path: sandboxPath,
  executable: z.enum(["true", "false"]).optional(),
});
export const sandboxRemoveQuery = z.strictObject({ path: sandboxPath });
export const sandboxListQuery = z.strictObject({
  dir: sandboxPath,
  recursive: z.enum(["true", "false"]).optional(),
  limit: countText.optional(),
});
export const sandboxEntries = z.strictObject({
  entries: z.array(
    z.strictObject({
      path: z.string(),
      kind: z.enum(["file", "directory", "symlink", "other"]),
      sizeBytes: z.int().min(0),
    }),
  ),
  truncated: z.boolean(),
});

/**
 * Head of the answer to GET changes. The body is a 32-bit big-endian length, this as JSON in that many bytes, then the
 * bytes of each change that has `sizeBytes`, one after the other.
 */
export const sandboxChangesHead = z.strictObject({
  changes: z.array(
    z.strictObject({
      path: z.string().min(1),
      status: z.enum(["added", "modified", "deleted"]),
      beforeMode: fileMode.optional(),
      beforeBlob: blobId.optional(),
      afterMode: fileMode.optional(),
      afterBlob: blobId.optional(),
      sizeBytes: z.int().min(0).optional(),
      /** The program that `.gitattributes` has for the file, such as `lfs`; it was not run. */
      filter: z.string().max(200).optional(),
    }),
  ),
});
export type SandboxChangesHead = z.infer<typeof sandboxChangesHead>;
export const sandboxChangesQuery = z.strictObject({ dir: sandboxPath, maxBytes: countText });

const headerList = z.array(z.tuple([z.string().max(256), z.string().max(16_384)])).max(200);
export const tunnelRequest = z.strictObject({
  method: z.string().regex(/^[A-Z]{1,20}$/),
  /** Path and query, beginning with a slash. */
  target: z
    .string()
    .regex(/^\/[!-~]*$/)
    .max(16_384),
  headers: headerList,
});
export const tunnelResponse = z.strictObject({ status: z.int().min(200).max(599), headers: headerList });

export const sandboxHostProblem = z.object({
  status: z.int(),
  code: z.string(),
  kind: z.enum(["transient", "permanent"]),
  detail: z.string(),
});
