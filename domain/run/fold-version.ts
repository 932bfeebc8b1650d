import { isFinal, runModes, runStates } from "../../contracts/run.ts";
import { utcDay } from "../budget/calendar.ts";
import { sha256Hex } from "../hash.ts";
import { foldSources } from "./fold.ts";
import { isSendBack, stageOf } from "./machine.ts";
import { authorState, maxSendBacks } from "./table.ts";
import { addedFields, upgradeEvent } from "./upgrade.ts";
import { emptyView } from "./view.ts";

/**
 * Names the fold that this code does: another one when the code of the fold, what it begins with, or an answer of the helpers that it
 * asks has changed. A view that was kept under another name is folded anew from the events, which are the truth.
 */
export const foldVersion = sha256Hex(
  JSON.stringify([
    ...foldSources,
    upgradeEvent.toString(),
    addedFields,
    Object.keys(emptyView),
    emptyView,
    runStates.map((state) => [state, isFinal(state), stageOf(state) ?? null]),
    runModes.map((mode) => [mode, authorState(mode)]),
    [0, 951_782_399_999, 4_102_444_800_000].map(utcDay),
    [isSendBack.toString(), Object.keys(maxSendBacks)],
  ]),
);
