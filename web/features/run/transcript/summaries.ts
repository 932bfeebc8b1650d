/** A record's field as text, or "" when it has none. */
export function fieldText(input: unknown, name: string): string {
  if (typeof input !== "object" || input === null) return "";
  const value: unknown = Object.entries(input).find(([key]) => key === name)?.[1];
  return typeof value === "string"
    ? value
    : typeof value === "number" || typeof value === "boolean"
      ? String(value)
      : "";
}

/** The length of a record's list, or 0 when it has none. */
function countOf(input: unknown, name: string): number {
  if (typeof input !== "object" || input === null) return 0;
  const value: unknown = Object.entries(input).find(([key]) => key === name)?.[1];
  return Array.isArray(value) ? value.length : 0;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 240);
}

/** The subject of a tool call, on one line. */
export function summaryOf(name: string, input: unknown): string {
  const at = (field: string) => fieldText(input, field);
  switch (name) {
    case "read_file": {
      const offset = at("offset");
      return oneLine(`${at("path")}${offset === "" ? "" : `:${offset}`}`);
    }
    case "list_files":
    case "git_diff":
      return at("path") === "" ? "everything" : oneLine(at("path"));
    case "grep":
      return oneLine(`${at("pattern")}${at("path") === "" ? "" : ` in ${at("path")}`}`);
    case "edit_file":
    case "write_file":
      return oneLine(at("path"));
    case "shell":
      return oneLine(at("command"));
    case "run_tests":
      return "the test command";
    case "finish":
      return oneLine(at("title"));
    case "submit_plan":
      return countOf(input, "tasks") === 1 ? "1 item" : `${countOf(input, "tasks")} items`;
    case "submit_review":
      return at("verdict") === "approve" ? "approve" : "send back";
    default:
      return oneLine(JSON.stringify(input) ?? "");
  }
}

/** A tool's input as text for reading: JSON, indented. */
export function inputText(input: unknown): string {
  return JSON.stringify(input, null, 2) ?? "";
}
