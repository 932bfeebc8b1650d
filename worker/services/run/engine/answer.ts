import type { NewRunEvent } from "../../../../contracts/run-events.ts";
import type { Stage } from "../../../../contracts/run.ts";
import { cutCallMessage } from "../../../../domain/budget/output-limit.ts";
import { redactSecrets } from "../../../../domain/policy/secrets.ts";
import {
  isDeeperThan,
  lawfulId,
  lawfulName,
  lawfulText,
  lawfulValue,
  mapTexts,
  maxInputDepth,
  unknownName,
} from "../../../../domain/run/lawful.ts";
import type { LlmBlock, LlmTurn } from "../../../ports/llm.ts";
import { cleanText } from "./clean-text.ts";
import type { JournalWrite, StoredMessage } from "./journal.ts";

/** More calls than this in one answer are a fault of the model: nothing of it is used. */
const maxCalls = 200;
const maxDetailCharacters = 2_000;
const maxShownCharacters = 2_000;

type ToolUse = Extract<LlmBlock, { type: "tool_use" }>;

/** A model's answer as the run takes it. */
export interface TakenAnswer {
  /**
   * The answer in the conversation: every name, id and text as vendors take it back, without credentials. Empty for a refused answer,
   * which is dropped.
   */
  readonly blocks: readonly LlmBlock[];
  /** Inputs that had a credential, as the model wrote them: they are run so, and kept no longer than the call is open. */
  readonly inputs: NonNullable<JournalWrite["toolInputs"]>;
  readonly calls: readonly ToolUse[];
  /** Calls that are closed at once, since they can't be run, with the reason for the model. */
  readonly closed: readonly { readonly call: ToolUse; readonly reason: string }[];
  /** The vendor's words for a refusal. */
  readonly stopDetail: string | undefined;
}

/**
 * Takes a vendor's answer in. Only calls that are whole are left to be run, under ids that no other call of the conversation has; nothing of
 * a refused answer is.
 *
 * @param at.turn the number of the turn over the whole run, from which spare ids are made
 * @param at.limitTokens the output limit that was asked for
 */
export function takeAnswer(
  answer: Pick<LlmTurn, "blocks" | "stopReason" | "stopDetail">,
  at: { readonly told: readonly StoredMessage[]; readonly turn: number; readonly limitTokens: number },
): TakenAnswer {
  const detail = answer.stopDetail;
  const stopDetail = detail === undefined ? undefined : cleanText(detail).slice(0, maxDetailCharacters).toWellFormed();
  if (answer.stopReason === "refusal") return { blocks: [], calls: [], closed: [], inputs: [], stopDetail };
  const asked = answer.blocks.filter(({ type }) => type === "tool_use").length;
  if (asked > maxCalls)
    return { blocks: [note(`The answer had ${asked} tool calls`)], calls: [], closed: [], inputs: [], stopDetail };
  const taken = new Set(
    at.told.flatMap(({ blocks }) => blocks.flatMap((block) => (block.type === "tool_use" ? [block.id] : []))),
  );
  const closed: { call: ToolUse; reason: string }[] = [];
  const inputs: { callId: string; input: unknown }[] = [];
  const blocks = answer.blocks.map((block, index) => {
    if (block.type !== "tool_use") return lawfulBlock(block);
    const whole = lawfulCall(block, lawfulId(block.id, taken, `turn${at.turn}-${index}`));
    const call = withoutSecrets(whole);
    taken.add(call.id);
    if (call.input !== whole.input) inputs.push({ callId: call.id, input: whole.input });
    if (call.fault === "cut") closed.push({ call, reason: cutCallMessage(at.limitTokens) });
    else if (block.input !== whole.input && isDeeperThan(block.input, maxInputDepth))
      closed.push({ call, reason: `The input was nested more than ${maxInputDepth} deep, so the call was not run.` });
    return call;
  });
  return { blocks, calls: blocks.filter(isCall), closed, inputs, stopDetail };
}

/** The text in the conversation in the place of an answer that can't be taken. */
export function note(reason: string): LlmBlock {
  return { type: "text", text: `(${reason}, more than can be taken: nothing of it was used.)` };
}

/** The writes that close calls which are not run: their events, and their results for the model. */
export function closeCalls(
  closed: TakenAnswer["closed"],
  at: { readonly stage: Stage; readonly turn: number },
): { readonly events: readonly NewRunEvent[]; readonly results: readonly LlmBlock[] } {
  return {
    events: closed.flatMap(({ call, reason }): readonly NewRunEvent[] => {
      const { id: callId, invalidJson = "", name } = call;
      const input = { incomplete: invalidJson.slice(0, maxShownCharacters).toWellFormed() };
      return [
        { type: "tool.started", data: { ...at, callId, name, input } },
        {
          type: "tool.finished",
          data: {
            callId,
            name,
            outcome: "refused",
            output: reason,
            truncated: false,
            durationMs: 0,
            invalidReport: false,
          },
        },
      ];
    }),
    results: closed.map(({ call, reason }) => ({
      type: "tool_result",
      toolUseId: call.id,
      content: `Error: ${reason}`,
      isError: true,
    })),
  };
}

function lawfulBlock(block: Exclude<LlmBlock, ToolUse>): LlmBlock {
  switch (block.type) {
    case "text":
      return { ...block, text: cleanText(block.text) };
    case "thinking": {
      const { opaque, ...shown } = block;
      const text = cleanText(shown.text);
      const isWhole = redactSecrets(shown.text) === shown.text;
      return opaque === undefined || !isWhole || !isStorable(opaque) ? { ...shown, text } : { ...shown, text, opaque };
    }
    case "vendor":
      return isStorable(block.opaque) ? block : { type: "text", text: "" };
    default:
      return block;
  }
}

/** The call as it is kept: credentials are named in the place of their bytes. */
function withoutSecrets(call: ToolUse): ToolUse {
  const { invalidJson, rawInput, ...rest } = call;
  const input = mapTexts(call.input, redactSecrets);
  return {
    ...rest,
    input,
    ...(invalidJson === undefined ? {} : { invalidJson: redactSecrets(invalidJson) }),
    ...(rawInput === undefined || input !== call.input ? {} : { rawInput }),
  };
}

/** A vendor's own item goes back byte for byte or not at all. */
function isStorable(opaque: unknown): boolean {
  return !isDeeperThan(opaque, maxInputDepth) && lawfulValue(opaque) === opaque;
}

function lawfulCall(block: ToolUse, id: string): ToolUse {
  const { fault, input, invalidJson, name, rawInput } = block;
  const kept = isDeeperThan(input, maxInputDepth) ? {} : lawfulValue(input);
  return {
    type: "tool_use",
    id,
    name: fault === "not_offered" ? unknownName(name) : lawfulName(name),
    input: kept,
    ...(invalidJson === undefined ? {} : { invalidJson: lawfulText(invalidJson) }),
    ...(rawInput === undefined || kept !== input ? {} : { rawInput: lawfulText(rawInput) }),
    ...(fault === undefined ? {} : { fault }),
  };
}

function isCall(block: LlmBlock): block is ToolUse {
  return block.type === "tool_use";
}
