import { FileX2, FolderGit2, GitMerge, PackageSearch } from "lucide-react";
import { memo } from "react";
import { edgeWords, listed, nameOf, type LaneNames } from "../model/lane-names.ts";
import { isWrongBump } from "../model/packages.ts";
import type { NotedRow } from "../model/rows.ts";
import { shortHash } from "../../../lib/format.ts";
import { Line, Quiet } from "./line.tsx";

type LaneType = "repositories.chosen" | "lanes.ordered" | "versions.compared" | "patch_set.withdrawn";
export type LaneEvent = Extract<NotedRow["event"], { type: LaneType }>;

const laneTypes: Record<LaneType, true> = {
  "repositories.chosen": true,
  "lanes.ordered": true,
  "versions.compared": true,
  "patch_set.withdrawn": true,
};

/** True for the events that {@link Lanes} shows. */
export function isOfLanes(event: NotedRow["event"]): event is LaneEvent {
  return Object.hasOwn(laneTypes, event.type);
}

/** Which repositories the run works on, in which order, and how their versions fit together. */
export const Lanes = memo(function Lanes({ event, names }: { event: LaneEvent; names: LaneNames }) {
  const name = (id: string): string => nameOf(names, id);
  switch (event.type) {
    case "repositories.chosen": {
      const { by, reasons, repositoryIds } = event.data;
      return (
        <Line
          icon={<FolderGit2 />}
          more={<Reasons of={reasons.map((each) => [name(each.repositoryId), each.reason] as const)} />}
        >
          {by.kind === "person" ? `${by.name} chose ` : "The run works on "}
          <span className="font-medium">{listed(repositoryIds.map(name))}</span>
        </Line>
      );
    }
    case "lanes.ordered": {
      const { by, cycle, edges, order } = event.data;
      if (cycle.length > 0)
        return (
          <Line
            icon={<GitMerge className="text-amber" />}
            more={<Because of={edges.map((edge) => edgeWords(names, edge))} />}
          >
            <span className="font-medium">{listed(cycle.map(name))}</span> depend on each other: a person has to order
            them
          </Line>
        );
      return (
        <Line
          icon={<GitMerge />}
          {...(by.kind === "person" || edges.length === 0
            ? {}
            : { more: <Because of={edges.map((edge) => edgeWords(names, edge))} /> })}
        >
          {by.kind === "person" ? `${by.name} ordered ` : "Order of the pull requests: "}
          <span className="font-medium">{order.map(name).join(", then ")}</span>
        </Line>
      );
    }
    case "versions.compared": {
      const { packages } = event.data;
      const wrong = packages.filter(isWrongBump).length;
      return (
        <Line icon={<PackageSearch className={wrong > 0 ? "text-amber" : ""} />}>
          Versions compared{" "}
          <Quiet>
            {packages.length === 0
              ? "no package changes"
              : packages
                  .map((each) => `${each.name} ${each.from ?? "none"} → ${each.to ?? "none"} (${each.bump})`)
                  .join(", ")}
          </Quiet>
        </Line>
      );
    }
    case "patch_set.withdrawn":
      return (
        <Line icon={<FileX2 />}>
          Patch set withdrawn{" "}
          <Quiet>
            <code className="font-mono">{shortHash(event.data.hash, 10)}</code>
          </Quiet>
        </Line>
      );
  }
});

function Reasons({ of }: { of: readonly (readonly [string, string])[] }) {
  const given = of.filter(([, reason]) => reason !== "");
  if (given.length === 0) return null;
  const [[, first] = ["", ""]] = given;
  // A person gives one reason for all of them.
  if (given.length > 1 && given.every(([, reason]) => reason === first)) return <p className="text-soft">{first}</p>;
  return (
    <ul className="flex flex-col gap-0.5 text-soft">
      {given.map(([name, reason]) => (
        <li key={name}>
          <span className="font-medium text-text">{name}</span>: {reason}
        </li>
      ))}
    </ul>
  );
}

function Because({ of }: { of: readonly string[] }) {
  return (
    <ul className="flex flex-col gap-0.5 text-soft">
      {of.map((reason) => (
        <li key={reason}>{reason}</li>
      ))}
    </ul>
  );
}
