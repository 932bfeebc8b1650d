import * as z from "zod";
import type { Answer, Conversation } from "../wire/conversation.ts";
import { answerCount } from "../wire/conversation.ts";

/** Body of `POST /_model/script`. */
export const scriptSchema = z.strictObject({
  /** Text that the request must contain anywhere; every request matches unless told. */
  match: z.string().min(1).optional(),
  turns: z
    .array(
      z.strictObject({
        text: z.string().optional(),
        toolCalls: z.array(z.strictObject({ name: z.string().min(1), input: z.unknown().optional() })).optional(),
      }),
    )
    .min(1),
});

export type Script = z.infer<typeof scriptSchema>;

/**
 * Scripted answers, for tests that need a model which follows a script. The next turn follows from the
 * number of answers that the conversation holds, so a repeated request gets the same answer.
 */
export class ScriptBook {
  #scripts: Script[] = [];

  add(script: Script): void {
    this.#scripts.push(script);
  }

  /** The scripted answer to a request, or `undefined` when no script matches it. The newest matching script wins. */
  answer(conversation: Conversation, requestText: string): Answer | undefined {
    const script = this.#scripts.findLast(({ match }) => match === undefined || requestText.includes(match));
    if (script === undefined) return undefined;
    const turn = script.turns[answerCount(conversation)];
    if (turn === undefined) return { text: "The script has no more turns.", calls: [] };
    const calls = (turn.toolCalls ?? []).map(({ name, input }) => ({ name, input: input ?? {} }));
    return { text: turn.text ?? (calls.length === 0 ? "(scripted turn without text)" : ""), calls };
  }

  list(): readonly Script[] {
    return this.#scripts;
  }

  clear(): void {
    this.#scripts = [];
  }
}
