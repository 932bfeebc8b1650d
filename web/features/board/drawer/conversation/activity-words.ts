import type { Activity } from "../../../../../contracts/ticket-parts.ts";

type Data = Activity["data"];
type ColumnName = (id: string) => string;

const fieldWords: Readonly<Record<string, string>> = {
  type: "type",
  title: "title",
  description: "description",
  acceptanceCriteria: "acceptance criteria",
  priority: "priority",
  labels: "labels",
  assignee: "assignee",
  repositoryId: "repository",
  parentId: "parent",
};

/** The rest of a sentence that begins with the one who did something. */
const words: Readonly<Record<string, (data: Data, columnName: ColumnName) => string>> = {
  "ticket.created": () => "made the ticket",
  "ticket.edited": ({ fields }) => `changed the ${listed(strings(fields).map((field) => fieldWords[field] ?? field))}`,
  "ticket.moved": ({ from, to }, columnName) =>
    from === to ? `moved it within ${nameOf(to, columnName)}` : `moved it ${fromTo(from, to, columnName)}`,
  "ticket.linked": ({ dependsOn }) => `made it depend on ${keyOf(dependsOn)}`,
  "ticket.unlinked": ({ dependsOn }) => `took its dependency on ${keyOf(dependsOn)} away`,
  "ticket.commented": () => "commented",
  "comment.edited": () => "changed a comment",
  "comment.deleted": () => "deleted a comment",
  "comment.restored": () => "restored a comment",
  "file.attached": ({ name }) => `attached ${quoted(name)}`,
  "file.deleted": ({ name }) => `deleted ${quoted(name)}`,
  "file.restored": ({ name }) => `restored ${quoted(name)}`,
  "ticket.deleted": () => "deleted the ticket",
  "ticket.restored": () => "restored the ticket",
};

/** An activity in words, without the one who did it; `columnName` names a column by its id. */
export function activityWords({ action, data }: Pick<Activity, "action" | "data">, columnName: ColumnName): string {
  const say = Object.hasOwn(words, action) ? words[action] : undefined;
  return say === undefined ? `did: ${action.replaceAll(/[._]/gu, " ")}` : say(data, columnName);
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "ticket";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

function nameOf(column: unknown, columnName: ColumnName): string {
  return typeof column === "string" ? columnName(column) : "another column";
}

function fromTo(from: unknown, to: unknown, columnName: ColumnName): string {
  return typeof from === "string"
    ? `from ${columnName(from)} to ${nameOf(to, columnName)}`
    : `to ${nameOf(to, columnName)}`;
}

function keyOf(value: unknown): string {
  const key = typeof value === "object" && value !== null && "key" in value ? value.key : "";
  return typeof key === "string" && key !== "" ? key : "another ticket";
}

function quoted(name: unknown): string {
  return typeof name === "string" ? `“${name}”` : "a file";
}
