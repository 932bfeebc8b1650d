import { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiEnv } from "./context.ts";
import { refuseInvalid } from "./errors.ts";
import { except } from "hono/combine";
import { limitBody } from "./middleware/body-limit.ts";
import { answerError, logRequests } from "./middleware/log.ts";
import { answerUnknown } from "./middleware/not-found.ts";
import { lawfulInput } from "./middleware/lawful-input.ts";
import { sameOrigin } from "./middleware/origin.ts";
import { requestId } from "./middleware/request-id.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { signedIn } from "./middleware/session.ts";
import { registerAuth } from "./routes/auth.ts";
import { registerAutopilot } from "./routes/autopilot.ts";
import { registerBoard, registerBoardSocket } from "./routes/board.ts";
import { registerBoardLayout } from "./routes/board-layout.ts";
import { registerBudgets } from "./routes/budgets.ts";
import { registerConnectors } from "./routes/connectors.ts";
import { registerDeployment } from "./routes/deployment.ts";
import { registerDocs } from "./routes/docs.ts";
import { registerFeedSocket } from "./routes/feed.ts";
import { registerHealth } from "./routes/health.ts";
import { registerInstructions } from "./routes/instructions.ts";
import { registerMe } from "./routes/me.ts";
import { registerMembers } from "./routes/members.ts";
import { registerModels } from "./routes/models.ts";
import { registerNotices } from "./routes/notices.ts";
import { registerOperations } from "./routes/operations.ts";
import { registerProjects } from "./routes/projects.ts";
import { registerProviderKeys } from "./routes/provider-keys.ts";
import { registerPatchSetText } from "./routes/patch-set-text.ts";
import { registerRepositories } from "./routes/repositories.ts";
import { registerRunRead, registerRunSocket, registerRunStart } from "./routes/runs-of-session.ts";
import { registerRuns } from "./routes/runs.ts";
import { registerSandboxSettings } from "./routes/sandbox-settings.ts";
import { registerSteering } from "./routes/steering.ts";
import { attachmentsPath, limitAttachment, registerTicketAttachments } from "./routes/ticket-attachments.ts";
import { registerTicketComments } from "./routes/ticket-comments.ts";
import { registerTicketLinks } from "./routes/ticket-links.ts";
import { importPath, limitImport, registerTicketTransfer } from "./routes/ticket-transfer.ts";
import { registerTicketSearch } from "./routes/tickets-search.ts";
import { registerViews } from "./routes/views.ts";
import { limitUpload, registerUploads, uploadsPath } from "./routes/uploads.ts";
import type { ApiApp } from "./routes/shared.ts";
import { registerGitHubWebhooks } from "./webhooks/github.ts";

/** The largest body of the API, in bytes. A prompt of 100,000 characters fits whatever its script. */
const maxBodyBytes = 1_000_000;

/** Bodies that are files: they have limits of their own, and may hold any bytes. */
const filePaths = [uploadsPath, attachmentsPath, importPath];

/** The OpenAPI 3.1 document of the app's routes, for this version of the deployment. https://spec.openapis.org/oas/v3.1.0 */
export function apiDocument(app: ApiApp, version: string) {
  return app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "Assembly Lime", version } });
}

/** The API: middleware in the order that it runs, then one line a resource. `env.compose` makes each request's dependencies. */
export function createApp(): ApiApp {
  const app: ApiApp = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid });
  app.onError(answerError);
  app.use(requestId, logRequests, async (c, next) => {
    c.set("deps", c.env.compose());
    await next();
  });
  app.use("/api/*", securityHeaders);
  registerGitHubWebhooks(app);
  registerOperations(app);
  app.use("/api/*", sameOrigin, except(filePaths, limitBody(maxBodyBytes)));
  // The sign-in reads its request by itself.
  app.use("/api/*", except([...filePaths, "/api/auth/*"], lawfulInput));
  app.use(uploadsPath, limitUpload);
  app.use(attachmentsPath, limitAttachment);
  app.use(importPath, limitImport);
  registerHealth(app);
  registerDeployment(app);
  registerAuth(app);
  app.get("/api/openapi.json", (c) => c.json(apiDocument(app, c.var.deps.deployment.version)));
  registerDocs(app, (version) => apiDocument(app, version));
  registerRunStart(app);
  registerRunSocket(app);
  registerBoardSocket(app);
  registerFeedSocket(app);
  registerRunRead(app);
  app.use("/api/*", signedIn);
  registerMe(app);
  registerProjects(app);
  registerBudgets(app);
  registerSandboxSettings(app);
  registerBoard(app);
  registerAutopilot(app);
  registerBoardLayout(app);
  registerTicketLinks(app);
  registerTicketComments(app);
  registerTicketAttachments(app);
  registerTicketTransfer(app);
  registerMembers(app);
  registerTicketSearch(app);
  registerViews(app);
  registerRepositories(app);
  registerModels(app);
  registerProviderKeys(app);
  registerConnectors(app);
  registerInstructions(app);
  registerRuns(app);
  registerPatchSetText(app);
  registerSteering(app);
  registerNotices(app);
  registerUploads(app);
  answerUnknown(app);
  return app;
}
