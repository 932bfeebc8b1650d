// Colours, cursor moves and titles: https://ecma-international.org/publications-and-standards/standards/ecma-48/
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/gu;

/** A command's output as a terminal shows it at the end: without escape sequences, and of each line its last state. */
export function terminalText(output: string): string {
  const plain = output.replace(escapes, "");
  if (!plain.includes("\r")) return plain;
  return plain.split("\n").map(lastState).join("\n");
}

/** The part of a line after its last carriage return, as a terminal shows it; a carriage return at the line's end counts for nothing. */
function lastState(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === "\r") end -= 1;
  return line.slice(line.lastIndexOf("\r", end - 1) + 1, end);
}
