import type { Stage } from "../../contracts/run.ts";
import { findModel } from "./models.ts";

/** Of a model that the catalogue does not know: any vendor's present model takes so much. */
const unknownModelTokens = 16_000;
/** Thinking counts too, and a stage that writes code needs room for both. */
const stageTokens: Readonly<Record<Stage, number>> = {
  triage: 32_000,
  architect: 64_000,
  planner: 64_000,
  coder: 64_000,
  reviewer: 64_000,
  tester: 64_000,
};

/**
 * The most tokens that a stage's next answer may have, thinking included: doubled for each answer in a row that was cut, up to what
 * the model can.
 *
 * @param cutTurns answers in a row that were cut at the limit
 */
export function outputLimit(modelId: string, stage: Stage, cutTurns: number): number {
  const most = findModel(modelId)?.maxOutputTokens ?? unknownModelTokens;
  return Math.min(most, stageTokens[stage] * 2 ** Math.min(cutTurns, 4));
}

/** Lines of a file that fit an answer of any limit. */
const linesAtOnce = 300;

/** The result of a call inside of which the answer was cut. */
export function cutCallMessage(limitTokens: number): string {
  return `Your answer was cut at its limit of ${limitTokens} tokens inside this call, so the call was not run. Make smaller calls: write a long file in parts of at most ${linesAtOnce} lines each.`;
}

const cutStart = "Your answer was cut at its limit of";

/** Whether a text is one that the engine says by itself, after an answer that was cut. */
export function isCutMessage(text: string): boolean {
  return text.startsWith(cutStart);
}

/** The message to a model whose answer was cut before it called a tool. */
export function cutAnswerMessage(limitTokens: number, hasText: boolean): string {
  const where = hasText ? "" : " while you were still thinking";
  return `${cutStart} ${limitTokens} tokens${where}, before it called a tool. Think and write less at once: take one small step, and call a tool for it.`;
}

/** Why a stage stops whose answers were cut again and again. */
export function cutCause(times: number): string {
  return `The model's answers were cut at its output limit ${times} times in a row, so the work does not move on. Everything so far was kept. Ask for a smaller step in a message, or start a run with another model; then resume.`;
}
