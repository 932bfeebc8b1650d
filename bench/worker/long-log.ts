import type { NewRunEvent } from "../../contracts/run-events.ts";
import type { JournalWrite } from "../../worker/services/run/engine/journal.ts";

const words =
  "the run reads export const value return function await result error index import from string number type interface readonly test expect parse module store query event state commit branch patch review file line path token stream".split(
    " ",
  );

/** Text of about `characters`, the same for the same seed: words and lines as code and prose have them. */
function text(seed: number, characters: number): string {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  const lines: string[] = [];
  let size = 0;
  while (size < characters) {
    let line = "";
    while (line.length < 72) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      line += `${words[(state >>> 8) % words.length] ?? ""} `;
    }
    lines.push(line);
    size += line.length + 1;
  }
  return lines.join("\n").slice(0, characters);
}

const hash = (seed: number): string => seed.toString(16).padStart(64, "0");

/** Turns of one attempt of the stage, as the engine allows them. */
const turnsPerAttempt = 48;
/** Events of one turn: begun, finished, and three tool calls begun and finished. */
export const eventsPerTurn = 8;

/**
 * The writes of one turn (from 0) of a run that never ends, as the engine makes them: one commit an event, with the conversation and the
 * model call beside. About 8 kB of events a turn. A stage's attempt ends after 48 turns and is resumed by a person.
 */
export function* turnWrites(runId: string, turn: number): Generator<JournalWrite> {
  const stage = "coder";
  const attempt = Math.floor(turn / turnsPerAttempt) + 1;
  const numbered = (turn % turnsPerAttempt) + 1;
  if (numbered === 1) yield { events: beginning(turn, attempt) };
  yield {
    events: [{ type: "turn.started", data: { stage, turn: numbered, attempt: 1, model: "claude-opus-5-5" } }],
  };
  const calls = [0, 1, 2].map((index) => ({
    callId: `toolu_${turn}_${index}`,
    name: ["read_file", "shell", "edit_file"][index] ?? "read_file",
    input: { path: `src/module-${(turn + index) % 400}.ts`, text: text(turn * 7 + index, 260) },
  }));
  const said = text(turn, 500);
  const thinking = text(turn + 1, 500);
  yield {
    events: [
      {
        type: "turn.finished",
        data: {
          stage,
          turn: numbered,
          callId: null,
          text: said,
          thinking,
          toolCalls: calls.map(({ callId, name }) => ({ callId, name })),
          stopReason: "tool_use",
          usage: { inputTokens: 900, cacheReadTokens: 60_000, cacheWriteTokens: 1_200, outputTokens: 420 },
          costMicros: 21_000,
          latencyMs: 4_200,
          requestHash: hash(turn * 2),
          answerHash: hash(turn * 2 + 1),
        },
      },
    ],
    messages: [
      {
        conversation: stage,
        message: {
          role: "assistant",
          blocks: [
            { type: "text", text: said },
            ...calls.map(({ callId, input, name }) => ({ type: "tool_use" as const, id: callId, name, input })),
          ],
        },
      },
    ],
    modelCall: {
      callId: `run-${runId}:${stage}:${attempt}:${numbered}:1`,
      stage,
      turn: numbered,
      provider: "anthropic",
      model: "claude-opus-5-5",
      startedAtMs: 1_790_000_000_000 + turn * 6_000,
      latencyMs: 4_200,
      request: {
        head: '{"callId":"c","messages":[',
        // Each call repeats the earlier messages; a stage's conversation holds about this much.
        messages: Array.from({ length: 2 * (turn % 40) + 1 }, (_, at) =>
          JSON.stringify({ at, of: turn - (turn % 40) }),
        ),
        tail: "]}",
      },
      answerJson: JSON.stringify({ hash: hash(turn * 2 + 1), characters: 2_000 }),
      vendorRequestId: `req_${turn}`,
    },
  };
  for (const [index, { callId, input, name }] of calls.entries()) {
    yield { events: [{ type: "tool.started", data: { stage, turn: numbered, callId, name, input } }] };
    const output = text(turn * 3 + index, 1_650);
    yield {
      events: [
        {
          type: "tool.finished",
          data: { callId, name, outcome: "ok", output, truncated: false, durationMs: 12, invalidReport: false },
        },
      ],
      messages: [
        {
          conversation: stage,
          message: {
            role: "user",
            blocks: [{ type: "tool_result", toolUseId: callId, content: output, isError: false }],
          },
        },
      ],
    };
  }
}

function beginning(turn: number, attempt: number): readonly NewRunEvent[] {
  const started: NewRunEvent = { type: "stage.started", data: { stage: "coder", attempt } };
  if (turn === 0)
    return [
      { type: "run.state_changed", data: { from: "QUEUED", to: "CODING", trigger: "started", cause: null } },
      { type: "base.resolved", data: { repositoryId: "1", baseCommit: "c".repeat(40) } },
      started,
    ];
  const cause = "The stage used up its 50 turns. Resume goes on.";
  return [
    { type: "run.state_changed", data: { from: "CODING", to: "NEEDS_HUMAN", trigger: "human_needed", cause } },
    { type: "run.state_changed", data: { from: "NEEDS_HUMAN", to: "CODING", trigger: "resumed", cause: null } },
    started,
  ];
}
