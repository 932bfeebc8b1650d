import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach } from "vitest";
import * as z from "zod";
import { startModel } from "../../../local/model/index.ts";
import type { RunningModel } from "../../../local/model/index.ts";

const callsSchema = z.object({
  calls: z.array(
    z.looseObject({
      id: z.string(),
      provider: z.string(),
      model: z.string(),
      status: z.number(),
      outcome: z.string(),
      inputTokens: z.number(),
      cacheReadTokens: z.number(),
      cacheWriteTokens: z.number(),
      outputTokens: z.number(),
    }),
  ),
});

export interface TestModel {
  url(): string;
  anthropic(apiKey?: string): Anthropic;
  openai(apiKey?: string): OpenAI;
  fault(fault: object): Promise<void>;
  script(script: object): Promise<void>;
  calls(): Promise<z.infer<typeof callsSchema>["calls"]>;
}

/** One model server per test file, emptied before each test. */
export function useModel(): TestModel {
  let model: RunningModel | undefined;
  const url = (): string => {
    if (model === undefined) throw new Error("The model is not running.");
    return model.url;
  };
  const post = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`${url()}${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(await response.text());
  };
  beforeAll(async () => {
    model = await startModel({ port: 0 });
  });
  beforeEach(async () => {
    await fetch(`${url()}/_model`, { method: "DELETE" });
  });
  afterAll(async () => {
    await model?.close();
  });
  return {
    url,
    anthropic: (apiKey = "any-key") => new Anthropic({ baseURL: url(), apiKey, maxRetries: 0 }),
    openai: (apiKey = "any-key") => new OpenAI({ baseURL: `${url()}/v1`, apiKey, maxRetries: 0 }),
    fault: (fault) => post("/_model/faults", fault),
    script: (script) => post("/_model/script", script),
    calls: async () => callsSchema.parse(await (await fetch(`${url()}/_model/calls`)).json()).calls,
  };
}

/** A text of about this many tokens, different for each seed. */
export function filler(tokens: number, seed: string): string {
  return `${seed} `.repeat(Math.ceil((tokens * 4) / (seed.length + 1))).slice(0, tokens * 4);
}
