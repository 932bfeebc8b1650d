import { LLMock } from "@copilotkit/aimock";
import * as z from "zod";
import { startModel } from "../../../local/model/index.ts";
import { cachedUsage, startShim } from "./aimock-shim.ts";

export interface ScriptedTurn {
  readonly text?: string;
  readonly toolCalls?: readonly { readonly name: string; readonly input: unknown }[];
}

export type StandFault = "429" | "529" | "500" | "cut";

/** A wire-faithful server with scripted answers. The two implementations share no code. */
export interface Stand {
  readonly name: string;
  readonly url: string;
  /** Scripts the answers by the number of answers that a conversation holds. */
  script(turns: readonly ScriptedTurn[]): Promise<void>;
  /** Fails the next call. `cut` ends the connection within the answer. */
  failNext(fault: StandFault, retryAfterSeconds?: number): Promise<void>;
  /** The number of calls, by the stand's own count. */
  calls(): Promise<number>;
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** The local model. */
export async function localStand(): Promise<Stand> {
  const model = await startModel({ port: 0, minimumCacheTokens: 16 });
  const control = async (method: string, path: string, body?: object): Promise<unknown> => {
    const json =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const response = await fetch(`${model.url}/_model${path}`, { method, ...json });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  };
  return {
    name: "the local model",
    url: model.url,
    script: async (turns) => void (await control("POST", "/script", { turns })),
    failNext: async (kind, retryAfterSeconds) =>
      void (await control("POST", "/faults", {
        kind,
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      })),
    calls: async () => z.object({ calls: z.array(z.unknown()) }).parse(await control("GET", "/calls")).calls.length,
    reset: async () => void (await control("DELETE", "")),
    close: () => model.close(),
  };
}

const status = { "429": 429, "529": 529, "500": 500 } as const;

/** aimock behind the shim. */
export async function aimockStand(): Promise<Stand> {
  const mock = new LLMock({ port: 0, host: "127.0.0.1", chunkSize: 8 });
  await mock.start();
  const shim = await startShim(mock.url);
  let cutting = false;
  return {
    name: "aimock",
    url: shim.url,
    script: async (turns) => {
      for (const [index, turn] of turns.entries()) {
        const answer = {
          content: "",
          ...(turn.text === undefined ? {} : { content: turn.text }),
          ...(turn.toolCalls === undefined
            ? {}
            : { toolCalls: turn.toolCalls.map(({ name, input }) => ({ name, arguments: JSON.stringify(input) })) }),
        };
        const isNext = (request: { readonly messages: readonly { readonly role: string }[] }): boolean =>
          answersIn(request.messages) === index;
        mock.on(
          { predicate: (request) => cutting && isNext(request) },
          answer,
          // It destroys the socket at once, so the written bytes need a moment to leave.
          { truncateAfterChunks: 12, latency: 5 },
        );
        mock.on({ predicate: (request) => !cutting && isNext(request) }, answer);
      }
    },
    failNext: async (fault, retryAfterSeconds) => {
      cutting = fault === "cut";
      shim.settings.retryAfter = retryAfterSeconds?.toString();
      if (fault !== "cut") mock.nextRequestError(status[fault], { message: "told to", type: errorTypes[fault] });
    },
    calls: async () => mock.getRequests().length,
    reset: async () => {
      cutting = false;
      mock.reset();
      Object.assign(shim.settings, { usage: cachedUsage, retryAfter: undefined, insert: undefined });
      shim.bodies.length = 0;
    },
    close: async () => {
      await shim.close();
      await mock.stop();
    },
  };
}

const errorTypes = { "429": "rate_limit_error", "529": "overloaded_error", "500": "api_error" } as const;

/** aimock makes a message of each call of one answer. */
function answersIn(messages: readonly { readonly role: string }[]): number {
  return messages.filter(({ role }, index) => role === "assistant" && messages[index - 1]?.role !== "assistant").length;
}
