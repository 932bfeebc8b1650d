import * as z from "zod";
import type { ForgeEvent, ForgeEventGrant, ForgeEventRepository } from "../../ports/forge-events.ts";
import { forgeError } from "./errors.ts";
import { checkRunSchema, objectIdSchema, pullRequestSchema, workflowRunSchema } from "./schemas.ts";

/**
 * True when `signature`, the delivery's `X-Hub-Signature-256`, is the HMAC-SHA256 of exactly these bytes under the secret. WebCrypto
 * compares in constant time. No secret or no signature is false.
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export async function verifyWebhookSignature(
  secret: string,
  body: Uint8Array<ArrayBuffer>,
  signature: string | null,
): Promise<boolean> {
  const hex = /^sha256=([0-9a-f]{64})$/u.exec(signature ?? "")?.[1];
  if (hex === undefined || secret === "") return false;
  const expected = Uint8Array.from(hex.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16));
  const key = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  return crypto.subtle.verify("HMAC", key, expected, body);
}

/**
 * The event of a verified delivery: `eventName` is its `X-GitHub-Event`, `body` its JSON text. Undefined for what the product does
 * not act on (another event, a tag, a repository webhook without installation). Throws a permanent PortError `bad_event` when the body
 * is no JSON or lacks what its event must have. https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
export function parseWebhook(eventName: string, body: string): ForgeEvent | undefined {
  const schema = schemas.get(eventName);
  if (schema === undefined) return undefined;
  let payload: unknown;
  try {
    payload = JSON.parse(body);
  } catch {
    throw forgeError("permanent", "bad_event", `a ${eventName} event is not JSON`);
  }
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw forgeError(
    "permanent",
    "bad_event",
    `a ${eventName} event: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`,
  );
}

const id = z.number().transform(String);
const action = z.string();
const sender = z.object({ login: z.string() });
const repository = z.object({
  id,
  name: z.string(),
  owner: z.object({ login: z.string() }),
  default_branch: z.string().optional(),
});

/** An App's deliveries all name their installation; those of a repository's own webhook don't, and are not ours. */
const installation = z.object({ id }).optional();

function repositoryOf(raw: z.output<typeof repository>, installationId: string): ForgeEventRepository {
  return { installationId, externalId: raw.id, owner: raw.owner.login, name: raw.name };
}

/** 40 zeros stand for no commit. */
const commitOrNone = objectIdSchema.transform((sha) => (/^0+$/u.test(sha) ? null : sha));

const pushSchema = z
  .object({ ref: z.string(), before: commitOrNone, after: commitOrNone, repository, sender, installation })
  .transform((raw): ForgeEvent | undefined => {
    const branch = /^refs\/heads\/(.+)$/su.exec(raw.ref)?.[1];
    if (branch === undefined || raw.installation === undefined) return undefined;
    return {
      type: "push",
      repository: repositoryOf(raw.repository, raw.installation.id),
      branch,
      isDefaultBranch: raw.repository.default_branch === branch,
      beforeCommit: raw.before,
      afterCommit: raw.after,
      senderLogin: raw.sender.login,
    };
  });

const pullRequestEventSchema = z
  .object({ action, pull_request: pullRequestSchema, repository, sender, installation })
  .transform((raw): ForgeEvent | undefined =>
    raw.installation === undefined
      ? undefined
      : {
          type: "pull_request",
          action: raw.action,
          repository: repositoryOf(raw.repository, raw.installation.id),
          pullRequest: raw.pull_request.pullRequest,
          isFromFork: raw.pull_request.isFromFork,
          senderLogin: raw.sender.login,
        },
  );

const workflowRunEventSchema = z
  .object({ action, workflow_run: workflowRunSchema, repository, installation })
  .transform((raw): ForgeEvent | undefined =>
    raw.installation === undefined
      ? undefined
      : {
          type: "workflow_run",
          action: raw.action,
          repository: repositoryOf(raw.repository, raw.installation.id),
          ...raw.workflow_run,
        },
  );

const checkRunEventSchema = z
  .object({ action, check_run: checkRunSchema, repository, installation })
  .transform((raw): ForgeEvent | undefined =>
    raw.installation === undefined
      ? undefined
      : {
          type: "check_run",
          action: raw.action,
          repository: repositoryOf(raw.repository, raw.installation.id),
          checkRun: raw.check_run,
        },
  );

const repositoryEventSchema = z
  .object({ action, repository, installation })
  .transform((raw): ForgeEvent | undefined =>
    raw.installation === undefined
      ? undefined
      : { type: "repository", action: raw.action, repository: repositoryOf(raw.repository, raw.installation.id) },
  );

const statusEventSchema = z
  .object({ sha: objectIdSchema, repository, installation })
  .transform((raw): ForgeEvent | undefined =>
    raw.installation === undefined
      ? undefined
      : { type: "status", repository: repositoryOf(raw.repository, raw.installation.id), headCommit: raw.sha },
  );

const checkSuiteEventSchema = z
  .object({ check_suite: z.object({ head_sha: objectIdSchema }), repository, installation })
  .transform((raw): ForgeEvent | undefined =>
    raw.installation === undefined
      ? undefined
      : {
          type: "check_suite",
          repository: repositoryOf(raw.repository, raw.installation.id),
          headCommit: raw.check_suite.head_sha,
        },
  );

const grants = z.array(
  z
    .object({ id, full_name: z.string().regex(/^[^/]+\/[^/]+$/u), private: z.boolean() })
    .transform((raw): ForgeEventGrant => {
      const slash = raw.full_name.indexOf("/");
      return {
        externalId: raw.id,
        owner: raw.full_name.slice(0, slash),
        name: raw.full_name.slice(slash + 1),
        isPrivate: raw.private,
      };
    }),
);
const installationOfAccount = z.object({ id, account: z.object({ login: z.string() }) });

const installationEventSchema = z
  .object({ action, installation: installationOfAccount, repositories: grants.optional() })
  .transform((raw): ForgeEvent => ({
    type: "installation",
    action: raw.action,
    installationId: raw.installation.id,
    accountLogin: raw.installation.account.login,
    repositories: raw.repositories ?? [],
  }));

const installationRepositoriesEventSchema = z
  .object({ installation: installationOfAccount, repositories_added: grants, repositories_removed: grants })
  .transform((raw): ForgeEvent => ({
    type: "installation_repositories",
    installationId: raw.installation.id,
    accountLogin: raw.installation.account.login,
    added: raw.repositories_added,
    removed: raw.repositories_removed,
  }));

const schemas: ReadonlyMap<string, z.ZodType<ForgeEvent | undefined>> = new Map<
  string,
  z.ZodType<ForgeEvent | undefined>
>([
  ["push", pushSchema],
  ["pull_request", pullRequestEventSchema],
  ["workflow_run", workflowRunEventSchema],
  ["check_run", checkRunEventSchema],
  ["repository", repositoryEventSchema],
  ["check_suite", checkSuiteEventSchema],
  ["status", statusEventSchema],
  ["installation", installationEventSchema],
  ["installation_repositories", installationRepositoriesEventSchema],
]);
