import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Actor } from "../../../../../contracts/actor.ts";

interface NamedActor {
  readonly kind: Actor["kind"];
  readonly id: string | null;
  readonly name: string;
}

/** The one who did something: a person by their name, a run as a link to it, another by what it is. */
export function ActorName({ actor: { id, kind, name } }: { actor: NamedActor }): ReactNode {
  switch (kind) {
    case "person":
      return <span className="font-medium">{name}</span>;
    case "run":
      return id === null ? (
        <span className="font-medium">A run</span>
      ) : (
        <Link to="/runs/$runId" params={{ runId: id }} className="font-medium text-text hover:underline">
          Run {id}
        </Link>
      );
    case "rule":
      return <span className="font-medium">Rule {name}</span>;
    case "api_key":
      return <span className="font-medium">API key {name}</span>;
    case "system":
      return <span className="font-medium">Assembly Lime</span>;
  }
}

/** An actor of any kind with the fields of a contract's actor. */
export function namedActor(actor: Actor): NamedActor {
  return { kind: actor.kind, id: actor.kind === "system" ? null : actor.id, name: actor.name };
}
