import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Person } from "../../contracts/common.ts";
import { useMe } from "./me.ts";
import { membersQuery } from "./ticket-queries.ts";

const nobody: readonly Person[] = [];

/**
 * The people to whom work can be given: the signed-in person, then the other members by name. `known` are people who have some already:
 * they are there before the members are loaded, and also when they have left since.
 */
export function usePeople(known: readonly Person[]): readonly Person[] {
  const { me } = useMe();
  const { avatarUrl, id, name } = me.user;
  const { data: members = nobody } = useQuery(membersQuery);
  return useMemo(() => {
    const all = [{ id, name, avatarUrl }, ...members, ...known];
    const byId = new Map<string, Person>();
    for (const { avatarUrl: image, id: key, name: called } of all)
      if (!byId.has(key)) byId.set(key, { id: key, name: called, avatarUrl: image });
    return [...byId.values()];
  }, [members, known, id, name, avatarUrl]);
}
