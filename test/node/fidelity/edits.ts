import { newPathProblem } from "../../../domain/patch-set/paths.ts";
import type { TreeFile } from "../../../worker/ports/sandbox.ts";

/** Whole numbers below a bound, the same for the same seed. */
type Draw = (below: number) => number;

function numbers(seed: number): Draw {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  return (below) => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const contents: readonly ((draw: Draw) => Buffer)[] = [
  (draw) => Buffer.from(`line ${draw(1e6)}\n`.repeat(draw(5) + 1)),
  (draw) => Buffer.from(`line ${draw(1e6)}\r\n`.repeat(draw(5) + 1)),
  (draw) => Buffer.from(`mixed ${draw(1e6)}\r\nends\n`),
  (draw) => Buffer.from(`no newline ${draw(1e6)}`),
  () => Buffer.alloc(0),
  (draw) => Buffer.from(`caf\u00e9 ${draw(1e6)}\n`, "latin1"),
  (draw) => Buffer.from(`\uFEFFsixteen ${draw(1e6)}\r\n`, "utf16le"),
  (draw) => Buffer.from(Array.from({ length: draw(2000) + 1 }, () => draw(256))),
  (draw) => Buffer.from(`$Id: mine ${draw(1e6)} $\n`),
  (draw) => Buffer.from(`\uFEFFmark ${draw(1e6)}\n`),
];
const names = [
  "new",
  "with space",
  "it's",
  'quo"te',
  "-dash",
  "日本",
  "é",
  "$HOME",
  "a;b",
  "star*",
  "[x]",
  ".hidden",
  "#x",
];
const endings = ["", ".txt", ".bat", ".c", ".bin", ".log", ".js"];
const targets = ["run.sh", "../package.json", "nowhere", "../tests", ".", "it s"];

/** A script of random edits for `sh` at the repository's root: the same for the same seed and files. */
export function editScript(seed: number, tree: readonly TreeFile[]): string {
  const draw = numbers(seed);
  // Attributes stay, and a name that the forge can't take; the content of LFS can't be written.
  const isKept = (path: string): boolean => /^\.gitattributes$|^\.gitignore$|\.lfs$|\uFFFD/u.test(path);
  const files = tree.map(({ path }) => path).filter((path) => !isKept(path));
  const pick = <T>(list: readonly T[]): T => {
    const chosen = list[draw(list.length)];
    if (chosen === undefined) throw new Error("nothing to pick from");
    return chosen;
  };
  let count = 0;
  const fresh = (): string => {
    count += 1;
    const folder = pick(["", "odd/", "fresh/", "fresh/deep er/", "tests/"]);
    return `${folder}${pick(names)}${String(count)}${pick(endings)}`;
  };
  const write = (path: string): string =>
    `mkdir -p -- ${quoted(`./${path}`.replace(/\/[^/]*$/u, ""))} && rm -rf -- ${quoted(`./${path}`)} && ` +
    `printf %s ${pick(contents)(draw).toString("base64")} | base64 -d > ${quoted(`./${path}`)}`;
  const onFile = (work: (path: string) => string): string => {
    const path = quoted(`./${pick(files)}`);
    return `[ -f ${path} ] && ${work(path)}`;
  };
  const edits: readonly (() => string)[] = [
    () => write(pick(files)),
    () => write(pick(files)),
    () => write(fresh()),
    () => write(fresh()),
    // Appends keep a file's mode, where the above make a new file.
    () => onFile((path) => `printf 'more\\n' >> ${path}`),
    () => `rm -rf -- ${quoted(`./${pick(files)}`)}`,
    () => `rm -rf -- ./odd/folder-link ./odd/dangling`,
    () => `mkdir -p ./fresh && mv -f -- ${quoted(`./${pick(files)}`)} ${quoted(`./fresh/moved ${String(draw(1000))}`)}`,
    () => onFile((path) => `chmod ${pick(["+x", "-x"])} -- ${path}`),
    () => `mkdir -p ./odd && ln -sfn -- ${quoted(pick(targets))} ${quoted(`./odd/link ${String(draw(4))}`)}`,
    () => `mkdir -p ./odd && ln -sfn -- ${quoted(pick(targets))} ./odd/folder-link`,
    () => {
      // A new name below must be one that any checkout can hold.
      const path = quoted(`./${pick(files.filter((each) => newPathProblem(each) === undefined))}`);
      return `rm -rf -- ${path} && mkdir -p -- ${path} && echo inside > ${path}/inside.txt`;
    },
    () => `rm -rf ./tests && echo 'no folder any more' > ./tests`,
  ];
  // One edit that fails, since an earlier one took its file away, leaves the others.
  return Array.from({ length: draw(12) + 1 }, () => `( ${pick(edits)()} ) 2>/dev/null || true`).join("\n") + "\n";
}
