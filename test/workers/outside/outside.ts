import { answerOutbound } from "../fake-github.ts";
import { outside } from "./addresses.ts";
import { FaultPlan } from "./faults.ts";
import { ciSchema, FakeForge } from "./forge.ts";
import { faultSchema, type OutsideLedger } from "./ledger.ts";
import { FakeModel } from "./model.ts";
import { FakeSandboxHost } from "./sandbox-host.ts";

const forge = new FakeForge();
const model = new FakeModel();
const sandbox = new FakeSandboxHost();
const faults = new FaultPlan();
let requests: string[] = [];

/** Answers everything that the Worker, its objects and the tests ask of the outside. Requests without a stand-in are refused. */
export async function answerOutside(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const what = `${request.method} ${request.url}`;
  if (url.origin === outside.control) return control(request, url.pathname);
  const work = workOf(request, url);
  if (work === undefined) return answerOutbound(request);
  requests.push(what);
  return faults.around(what, work);
}

function workOf(request: Request, url: URL): (() => Promise<Response>) | undefined {
  if (url.origin === outside.model) return () => model.answer(request);
  if (url.origin === outside.sandbox) return () => sandbox.answer(request);
  const isApp = /^\/(?:app|repos|installation)\//u.test(url.pathname);
  return url.origin === outside.forge && isApp ? () => forge.answer(request) : undefined;
}

async function control(request: Request, path: string): Promise<Response> {
  if (path === "/faults") faults.plan(faultSchema.parse(await request.json()));
  else if (path === "/clear") faults.clear();
  else if (path === "/held") return Response.json(faults.held);
  else if (path === "/ci") forge.ci = ciSchema.parse(await request.json());
  else if (path === "/reset") {
    faults.clear();
    for (const part of [forge, model, sandbox]) part.reset();
    requests = [];
  } else if (path === "/ledger") {
    const ledger: OutsideLedger = { requests, ...forge.ledger(), ...model.ledger(), ...sandbox.ledger() };
    return Response.json(ledger);
  } else return new Response(null, { status: 404 });
  return new Response(null, { status: 204 });
}
