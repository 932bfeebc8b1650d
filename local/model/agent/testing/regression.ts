import { editCalls } from "../edits.ts";
import type { TextEdit } from "../repair/types.ts";
import { readFiles } from "../repository.ts";
import type { Survey } from "../survey.ts";
import { callOne, tool } from "../work.ts";
import type { Work } from "../work.ts";
import type { Example } from "./examples.ts";
import { modelTest, placeTest, relativeImport, sourcesAmong } from "./place-test.ts";
import { renderTest } from "./render.ts";
import { findBinding, findExport, readStyle } from "./style.ts";
import type { Binding } from "./style.ts";
import { quote } from "./test-command.ts";

/** A test that was written, and how to take it back. */
export interface WrittenTest {
  readonly path: string;
  undo(): Work;
}

/**
 * Writes a test for the examples in the repository's own style, in a place where the test command runs it.
 * Returns why not as a string when the functions can't be found or the file can't be written.
 */
export function* writeTest(examples: readonly Example[], survey: Survey, command: string): Work<WrittenTest | string> {
  const subject = examples.at(0)?.callee ?? "";
  const names = [...new Set(examples.map((example) => example.callee))];
  const [...greps] = yield {
    text: `The request gives ${count(examples.length)}: I look for ${names.map((name) => `\`${name}\``).join(", ")} and for a test to follow in style.`,
    calls: names.map((name) => tool("grep", { pattern: name.replaceAll("$", "\\$") })),
  };
  const mentioning = [...new Set(greps.flatMap((grep) => (grep.isError ? [] : pathsOf(grep.content))))].filter((path) =>
    survey.files.includes(path),
  );
  const like = modelTest(survey.files, mentioning, subject);
  const sources = sourcesAmong(mentioning).slice(0, 6);
  const texts = yield* readFiles("I read them.", [...(like === undefined ? [] : [like]), ...sources]);
  const likeText = like === undefined ? undefined : texts.get(like);
  const style = readStyle(likeText, survey.manifest.type, like ?? "");
  const place = placeTest(command, like, subject, survey.files, style.module);
  const bindings = new Map<string, Binding>();
  for (const name of names) {
    const binding = bindingFor(name, place.path, like, texts, sources);
    if (binding === undefined) return `I found no exported \`${name}\` to test.`;
    bindings.set(name, binding);
  }
  const asynchronous = new Set(
    names.filter((name) =>
      sources.some((path) =>
        new RegExp(`async (?:function )?${name}\\b|\\b${name} = async`, "u").test(texts.get(path) ?? ""),
      ),
    ),
  );
  const inScope = (name: string): boolean =>
    place.kind === "append" &&
    likeText !== undefined &&
    like !== undefined &&
    findBinding(like, likeText, name) !== undefined;
  const imports = names
    .filter((name) => !inScope(name))
    .flatMap((name) => {
      const binding = bindings.get(name);
      return binding === undefined ? [] : [{ name, ...binding }];
    });
  const text = renderTest({ style, examples, imports, append: place.kind === "append", asynchronous });
  if (place.kind === "new") {
    const written = yield* callOne(
      `I write what is asked for as a test: \`${place.path}\`.`,
      tool("write_file", { path: place.path, content: `${text}\n` }),
    );
    if (written.isError) return `Writing ${place.path} failed: ${written.content}`;
    return { path: place.path, undo: () => removeFile(place.path) };
  }
  return yield* append(place.path, likeText ?? "", text);
}

function* append(path: string, old: string, text: string): Work<WrittenTest | string> {
  // ES imports may stand anywhere at the top level, so everything can go to the end.
  const at = Math.max(0, old.length - 1);
  const edit: TextEdit = { start: at, end: at, text: `\n\n${text}` };
  const calls = editCalls(path, old, [edit]);
  const [result] = yield { text: `I add what is asked for as a test to \`${path}\`.`, calls };
  if (result === undefined || result.isError) return `Editing ${path} failed: ${result?.content ?? ""}`;
  const changed = old.slice(0, at) + edit.text + old.slice(at);
  return {
    path,
    *undo() {
      yield {
        text: "I take my test back.",
        calls: editCalls(path, changed, [{ start: at, end: at + edit.text.length, text: "" }]),
      };
    },
  };
}

function* removeFile(path: string): Work {
  yield* callOne("I take my test back.", tool("shell", { command: `rm -f -- ${quote(path)}` }));
}

function bindingFor(
  name: string,
  testPath: string,
  like: string | undefined,
  texts: ReadonlyMap<string, string>,
  sources: readonly string[],
): Binding | undefined {
  const known = like === undefined ? undefined : findBinding(like, texts.get(like) ?? "", name);
  const sameFolder =
    like !== undefined && like.split("/").slice(0, -1).join("/") === testPath.split("/").slice(0, -1).join("/");
  if (known && (sameFolder || !known.source.startsWith("."))) return known;
  for (const path of sources) {
    const kind = findExport(path, texts.get(path) ?? "", name);
    if (kind !== undefined) return { kind, source: relativeImport(testPath, path) };
  }
  return known;
}

function pathsOf(grepOutput: string): readonly string[] {
  return grepOutput.split("\n").flatMap((line) => /^(?:\.\/)?([^:]+):\d+:/u.exec(line)?.[1] ?? []);
}

function count(examples: number): string {
  return examples === 1 ? "an example" : `${examples} examples`;
}
