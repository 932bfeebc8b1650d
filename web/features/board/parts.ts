import { createContext, useContext } from "react";
import type { Person } from "../../../contracts/common.ts";
import type { BoardTalk } from "./drawer/conversation/talk.ts";
import type { TicketDrafts } from "./drawer/drafts.ts";
import type { BoardStore } from "./store.ts";
import type { FieldAsk } from "./suggestions/field-ask.ts";
import type { LikeStore } from "./suggestions/like-store.ts";
import type { BoardWrites } from "./writes.ts";

/** The things that belong to one open board. */
interface BoardParts {
  readonly store: BoardStore;
  readonly writes: BoardWrites;
  readonly drafts: TicketDrafts;
  readonly talk: BoardTalk;
  readonly likes: LikeStore;
  readonly fieldAsk: FieldAsk;
}

const Parts = createContext<BoardParts | null>(null);
export const BoardPartsProvider = Parts.Provider;

/** The store and the writes of the board around this component. */
export function useBoardParts(): BoardParts {
  const parts = useContext(Parts);
  if (parts === null) throw new Error("there is no board around this component");
  return parts;
}

/** The other people who look at each ticket, by the ticket's id. */
export type Lookers = ReadonlyMap<string, readonly Person[]>;
export const noLookers: readonly Person[] = [];
