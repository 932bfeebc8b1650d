import { isFinal, runModes, runStates } from "../../contracts/run.ts";
import { utcDay } from "../budget/calendar.ts";
import { sha256Hex } from "../hash.ts";
import { foldSources } from "./fold.ts";
import { laneFoldSources } from "./lane-fold.ts";
import { unseenRule } from "../policy/types.ts";
import { unseenPaths } from "./lane-view.ts";
import { isSendBack, stageOf } from "./machine.ts";
import { authorState, maxSendBacks } from "./table.ts";
import { passedOverReason } from "./unread.ts";
import { upgradeSources } from "./upgrade.ts";
import { emptyView } from "./view.ts";

/**
 * Names the fold that this code does. The name changes when the fold's code, its empty view, or an answer of the helpers that it calls
 * changes. A view that was stored under another name is folded again from the events, which are the truth.
 */
export const foldVersion = sha256Hex(
  JSON.stringify([
    ...foldSources,
    ...laneFoldSources,
    ...upgradeSources,
    Object.keys(emptyView),
    emptyView,
    runStates.map((state) => [state, isFinal(state), stageOf(state) ?? null, passedOverReason(state) ?? null]),
    runModes.map((mode) => [mode, authorState(mode)]),
    [0, 951_782_399_999, 4_102_444_800_000].map(utcDay),
    [unseenPaths.toString(), unseenRule],
    [isSendBack.toString(), Object.keys(maxSendBacks)],
  ]),
);
