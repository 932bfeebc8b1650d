import type { BoardLayout } from "../../../contracts/board.ts";
import type { Person } from "../../../contracts/common.ts";
import { cx } from "../../components/ui/cx.ts";
import { useMe } from "../../lib/me.ts";

interface SelectProps<T extends string> {
  readonly id?: string;
  /** Its name, where no label stands beside it. */
  readonly label?: string;
  readonly value: T;
  readonly options: Readonly<Record<T, string>>;
  readonly onChange: (value: T) => void;
  /** A quiet one shows its frame only when it is used; so does one in a table's cell, which is smaller. */
  readonly look?: "framed" | "quiet" | "cell";
}

const looks = {
  framed: "h-9 w-full border-line-strong bg-bg px-3",
  quiet: "-ml-2 h-8 max-w-full border-transparent bg-transparent px-1 hover:border-line focus:border-line-strong",
  cell: "h-7 min-w-0 max-w-full appearance-none truncate border-transparent bg-transparent px-1 text-xs hover:border-line focus:border-line-strong",
};

/** The columns of a project's boards as choices; where there are several boards, with the board's name. */
export function columnOptions(boards: readonly BoardLayout[]): Readonly<Record<string, string>> {
  const several = boards.length > 1;
  return Object.fromEntries(
    boards.flatMap((board) =>
      board.columns.map(({ id, name }) => [id, several ? `${board.name}: ${name}` : name] as const),
    ),
  );
}

/** One of a few choices, as the system's own list. */
export function Select<T extends string>({ id, label, value, options, onChange, look = "framed" }: SelectProps<T>) {
  const isOption = (name: string): name is T => name in options;
  const names = Object.keys(options).filter(isOption);
  return (
    <select
      {...(id === undefined ? {} : { id })}
      {...(label === undefined ? {} : { "aria-label": label })}
      value={value}
      className={cx("rounded-lg border", looks[look])}
      onChange={(event) => {
        const name = event.target.value;
        if (isOption(name)) onChange(name);
      }}
    >
      {names.map((name) => (
        <option key={name} value={name}>
          {options[name]}
        </option>
      ))}
    </select>
  );
}

interface PersonSelectProps {
  readonly id?: string;
  readonly label?: string;
  readonly value: Person | null;
  readonly people: readonly Person[];
  /** The words for nobody. */
  readonly none: string;
  readonly onChange: (person: Person | null) => void;
  readonly look?: keyof typeof looks;
}

/** One of these people or nobody, in the order in which they come; the signed-in person is marked. */
export function PersonSelect({ id, label, value, people, none, onChange, look = "framed" }: PersonSelectProps) {
  const { me } = useMe();
  return (
    <select
      {...(id === undefined ? {} : { id })}
      {...(label === undefined ? {} : { "aria-label": label })}
      value={value?.id ?? ""}
      className={cx("rounded-lg border", looks[look])}
      onChange={(event) => onChange(people.find((person) => person.id === event.target.value) ?? null)}
    >
      <option value="">{none}</option>
      {people.map((person) => (
        <option key={person.id} value={person.id}>
          {person.id === me.user.id ? `${person.name} (you)` : person.name}
        </option>
      ))}
    </select>
  );
}
