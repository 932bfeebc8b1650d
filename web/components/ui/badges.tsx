import type { ReactNode } from "react";
import type { Actor } from "../../../contracts/actor.ts";
import type { Person } from "../../../contracts/common.ts";
import type { RunState } from "../../../contracts/run.ts";
import { stateLabel, stateTone, type Tone } from "../../lib/words.ts";
import { cx } from "./cx.ts";

const dotTones: Record<Tone, string> = {
  working: "bg-lime at-work",
  attention: "bg-amber",
  good: "bg-green",
  bad: "bg-red",
  quiet: "bg-line-strong",
};

/** The dot that shows a run's state by colour; a lime pulse means that an agent is at work. */
export function StateDot({ state, className }: { state: RunState; className?: string }) {
  return (
    <span
      aria-hidden
      className={cx("inline-block size-2 shrink-0 rounded-full", dotTones[stateTone(state)], className)}
    />
  );
}

const labelTones: Record<Tone, string> = {
  working: "text-lime-text",
  attention: "text-amber",
  good: "text-green",
  bad: "text-red",
  quiet: "text-muted",
};

/** A run's state, as dot and words. */
export function StateLabel({ state, className }: { state: RunState; className?: string }) {
  return (
    <span className={cx("inline-flex items-center gap-1.5 whitespace-nowrap", labelTones[stateTone(state)], className)}>
      <StateDot state={state} />
      {stateLabel(state)}
    </span>
  );
}

const tagTones = {
  plain: "border-line text-muted",
  lime: "border-lime-line bg-lime-soft text-lime-text",
  amber: "border-amber-line bg-amber-soft text-amber",
  red: "border-red-line bg-red-soft text-red",
  green: "border-line bg-green-soft text-green",
} as const;

/** A small framed word. */
export function Tag({
  tone = "plain",
  children,
  className,
  title,
}: {
  tone?: keyof typeof tagTones;
  children: ReactNode;
  className?: string;
  title?: string;
}) {
  return (
    <span
      title={title}
      className={cx(
        "inline-flex h-5 max-w-full items-center gap-1 truncate rounded-full border px-2 text-xs whitespace-nowrap",
        tagTones[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}

/** A person's picture, or the first letter of their name. */
export function Avatar({ person, className = "size-5" }: { person: Person; className?: string }) {
  if (person.avatarUrl !== null && person.avatarUrl !== "") {
    return (
      <img
        src={person.avatarUrl}
        alt={person.name}
        title={person.name}
        className={cx("rounded-full bg-hover", className)}
        referrerPolicy="no-referrer"
      />
    );
  }
  return (
    <span
      role="img"
      aria-label={person.name}
      title={person.name}
      className={cx(
        "inline-flex shrink-0 items-center justify-center rounded-full bg-active text-[10px] font-semibold text-soft uppercase",
        className,
      )}
    >
      {person.name.trim().slice(0, 1) || "?"}
    </span>
  );
}

/** A key to press, as on a keyboard. */
export function Kbd({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <kbd
      className={cx(
        "inline-flex h-4.5 min-w-4.5 items-center justify-center rounded border border-line px-1 font-sans text-[10.5px] text-muted",
        className,
      )}
    >
      {children}
    </kbd>
  );
}

const actorWords: Readonly<Record<Exclude<Actor["kind"], "person">, string>> = {
  api_key: "API key",
  rule: "Rule",
  run: "Run",
  system: "Assembly Lime",
};

/** An actor: a person by their picture, another by its first letter, with what it is in the title. */
export function ActorAvatar({ actor, className }: { actor: Actor; className?: string }) {
  const person =
    actor.kind === "person" ? actor : { id: "", name: `${actorWords[actor.kind]} ${actor.name}`, avatarUrl: null };
  return <Avatar person={person} {...(className === undefined ? {} : { className })} />;
}
