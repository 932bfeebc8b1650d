import type { App as WebhookApp } from "@octokit/webhooks-types";
import { defaultPermissions, iso, nodeId, type ForgeCore } from "../core.ts";
import type { Account } from "../store/accounts.ts";
import type { Schemas } from "../types.ts";
import { appEvents, userAnswer } from "./accounts.ts";

/** An app as REST answers and webhooks both carry it. */
export type AppAnswer = NonNullable<Schemas["integration"]> & WebhookApp;

/** Builds GitHub's `integration` for the product's app. */
export function appAnswer(core: ForgeCore): AppAnswer {
  return {
    id: core.app.id,
    slug: core.app.slug,
    node_id: nodeId("App", core.app.id),
    client_id: core.app.clientId,
    owner: userAnswer(core, core.app.bot),
    name: core.app.slug,
    description: null,
    external_url: core.url,
    html_url: `${core.url}/apps/${core.app.slug}`,
    created_at: iso(core.app.createdAtMs),
    updated_at: iso(core.app.createdAtMs),
    permissions: { ...defaultPermissions },
    events: [...appEvents],
  };
}

/** GitHub's own id of its Actions app, which signs the check runs of workflow runs. */
const actionsAppId = 15_368;

/** Builds the `integration` that check runs of workflow runs belong to. */
export function actionsAppAnswer(core: ForgeCore): AppAnswer {
  return {
    ...appAnswer(core),
    id: actionsAppId,
    slug: "github-actions",
    node_id: nodeId("App", actionsAppId),
    client_id: "",
    name: "GitHub Actions",
    description: "Automate your workflow from idea to production",
    html_url: `${core.url}/apps/github-actions`,
    permissions: { actions: "write", checks: "write", contents: "write", metadata: "read", statuses: "write" },
    events: ["check_run", "check_suite", "workflow_run"],
  };
}

/** Builds the `integration` of another service's app. */
export function otherAppAnswer(core: ForgeCore): AppAnswer {
  return {
    ...actionsAppAnswer(core),
    id: 9_001,
    slug: "outside-checks",
    node_id: nodeId("App", 9_001),
    name: "Outside checks",
    description: "Checks of a service beside the forge",
    html_url: `${core.url}/apps/outside-checks`,
  };
}

/** The app when an account's words came through it, else null. */
export function performedVia(core: ForgeCore, account: Account): AppAnswer | null {
  return account.id === core.app.bot.id ? appAnswer(core) : null;
}
