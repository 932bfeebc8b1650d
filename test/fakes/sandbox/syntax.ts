/** Where a command's input or output goes. `target` is a path, or the stream to join. */
export interface Redirect {
  readonly stream: "stdin" | "stdout" | "stderr";
  readonly how: "read" | "write" | "append" | "join";
  readonly target: string;
}

export interface SimpleCommand {
  readonly words: readonly string[];
  readonly redirects: readonly Redirect[];
}

/** Commands joined by pipes, and the operator before them. */
export interface Pipeline {
  readonly after: ";" | "&&" | "||";
  readonly commands: readonly SimpleCommand[];
}

type Token =
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "arguments" }
  | { readonly kind: "operator"; readonly text: string };

const keywords: ReadonlySet<string> = new Set(["for", "while", "until", "if", "case", "function", "{", "!"]);
const operator = /^(?:2>&1|2>>|2>|>&2|1>&2|>>|>|<|&&|\|\||[;|&()\n])/u;

/**
 * Parses a shell script as far as the tests write one: words with quotes, lists, pipes and redirections. Throws for every
 * other construct, so that a test never passes because a part of its script was skipped.
 */
export function parseScript(script: string, args: readonly string[]): readonly Pipeline[] {
  const pipelines: Pipeline[] = [];
  let after: Pipeline["after"] = ";";
  let commands: SimpleCommand[] = [];
  let words: string[] = [];
  let redirects: Redirect[] = [];
  const endCommand = (): void => {
    if (words.length > 0 || redirects.length > 0) commands.push({ words, redirects });
    words = [];
    redirects = [];
  };
  const endPipeline = (next: Pipeline["after"]): void => {
    endCommand();
    if (commands.length > 0) pipelines.push({ after, commands });
    commands = [];
    after = next;
  };
  const tokens = tokenize(script);
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.kind === "arguments") words.push(...args);
    else if (token.kind === "word") {
      if (words.length === 0 && keywords.has(token.text)) throw unsupported(token.text);
      words.push(token.text);
    } else if (token.text === "|") endCommand();
    else if (token.text === ";" || token.text === "\n") endPipeline(";");
    else if (token.text === "&&" || token.text === "||") endPipeline(token.text);
    else {
      const next = tokens[index + 1];
      redirects.push(redirectOf(token.text, next?.kind === "word" ? next.text : undefined));
      if (!token.text.includes("&")) index += 1;
    }
  }
  endPipeline(";");
  return pipelines;
}

function redirectOf(text: string, target: string | undefined): Redirect {
  if (text === "2>&1") return { stream: "stderr", how: "join", target: "stdout" };
  if (text === ">&2" || text === "1>&2") return { stream: "stdout", how: "join", target: "stderr" };
  if (target === undefined || ["&", "(", ")"].includes(text)) throw unsupported(text);
  if (text === "<") return { stream: "stdin", how: "read", target };
  const stream = text.startsWith("2") ? "stderr" : "stdout";
  return { stream, how: text.endsWith(">>") ? "append" : "write", target };
}

function tokenize(script: string): readonly Token[] {
  const tokens: Token[] = [];
  let rest = script;
  while (rest !== "") {
    const blank = /^[ \t]+/u.exec(rest)?.[0];
    const sign = operator.exec(rest)?.[0];
    if (blank !== undefined) rest = rest.slice(blank.length);
    else if (sign !== undefined) {
      tokens.push({ kind: "operator", text: sign });
      rest = rest.slice(sign.length);
    } else if (/^"\$@"(?=[\s;|&)]|$)/u.test(rest)) {
      tokens.push({ kind: "arguments" });
      rest = rest.slice(4);
    } else {
      const { length, text } = readWord(rest);
      tokens.push({ kind: "word", text });
      rest = rest.slice(length);
    }
  }
  return tokens;
}

/** The word at the start, its quotes removed, and how many characters it takes. */
function readWord(source: string): { readonly text: string; readonly length: number } {
  let text = "";
  let at = 0;
  while (at < source.length && !/[\s;|&()<>]/u.test(source[at] ?? "")) {
    const [piece, length] = readPiece(source.slice(at), at === 0);
    text += piece;
    at += length;
  }
  return { text, length: at };
}

function readPiece(source: string, isFirst: boolean): readonly [string, number] {
  const single = /^'([^']*)'/u.exec(source);
  if (single !== null) return [single[1] ?? "", single[0].length];
  const double = /^"((?:[^"\\]|\\[\s\S])*)"/u.exec(source);
  if (double !== null) {
    const inner = double[1] ?? "";
    if (/(?<!\\)[$`]/u.test(inner)) throw unsupported(double[0]);
    return [inner.replace(/\\([$`"\\])/gu, "$1"), double[0].length];
  }
  if (source.startsWith("\\") && source.length > 1) return [source[1] ?? "", 2];
  if (isFirst && /^~(?=\/|\s|$)/u.test(source)) return ["/home/agent", 1];
  const plain = source[0] ?? "";
  if ("'\"`$*?\\#".includes(plain)) throw unsupported(source);
  return [plain, 1];
}

function unsupported(text: string): Error {
  return new Error(
    `The in-memory sandbox's shell has no ${JSON.stringify(text.slice(0, 40))}; add it or use a real sandbox.`,
  );
}
