import { actorKey } from "../../../contracts/actor.ts";
import type { SteeringCommand } from "../../../domain/run/commands/command.ts";
import { auditOfCommand, decideCommand, isCommandDone } from "../../../domain/run/commands/table.ts";
import type { EffectContext } from "../../../domain/run/effects.ts";
import type { Caller, CommandResult } from "../../ports/run-host.ts";
import type { JournalWrite, RunJournal } from "./engine/journal.ts";

/** A write whose events a command has caused: the journal stores the command's audit entry with the first of them. */
export interface CommandWrite extends JournalWrite {
  readonly command?: EffectContext["command"];
}

/**
 * Decides on a command and commits what it makes of the run, with its audit entry. A message under a key of its sender's that was
 * used before stores nothing and answers with the first message's id; nor does a command that was taken before and left the run as it is.
 */
export function applyCommand(
  journal: RunJournal,
  { actor, requestId, sessionId }: Caller,
  command: SteeringCommand,
  nowMs: number,
): CommandResult {
  const sent = command.kind === "send_message" ? command : undefined;
  const keyFact =
    sent?.idempotencyKey === undefined ? undefined : `message_key:${actorKey(actor)}:${sent.idempotencyKey}`;
  const known = keyFact === undefined ? undefined : journal.fact(keyFact);
  if (known !== undefined) return { ok: true, messageId: known };
  const view = journal.view();
  if (isCommandDone(view, command)) return { ok: true };
  const decision = decideCommand(view, command, actor, nowMs);
  if (!decision.ok) {
    const { code, detail, events = [] } = decision;
    if (events.length > 0) journal.commit({ events });
    return { ok: false, code, detail };
  }
  const { events, facts = {}, messages = [] } = decision;
  const write: CommandWrite = {
    events,
    messages,
    facts: keyFact === undefined || sent === undefined ? facts : { ...facts, [keyFact]: sent.messageId },
    command: { actor, sessionId, requestId, ...auditOfCommand(command, view) },
  };
  journal.commit(write);
  return sent === undefined ? { ok: true } : { ok: true, messageId: sent.messageId };
}
