// Runs inside the sandbox, from the repository's root: `node trial.mjs job.json`. Works on copies under the job's own
// folder, so that the repository is never touched, however this process ends. Prints one line per finding.
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const jobPath = path.resolve(process.argv[2]);
const job = JSON.parse(fs.readFileSync(jobPath, "utf8"));
const root = process.cwd();
const home = path.dirname(jobPath);
const began = Date.now();
const deadline = began + job.deadlineMs;

function copyTree(from, to) {
  fs.mkdirSync(to, { recursive: true });
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.name === ".git") continue;
    if (entry.name === "node_modules") fs.symlinkSync(source, target);
    else if (entry.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(source), target);
    else if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isFile()) fs.copyFileSync(source, target);
  }
}

// The limit is CPU time, because other work on the machine must not turn a good edit into a late one; a process that
// waits for ever is ended after four times as long.
function run(command, cwd, timeoutMs, env = {}) {
  return new Promise((resolve) => {
    const started = Date.now();
    const cpuSeconds = Math.ceil(timeoutMs / 1000);
    const bin = path.join(root, "node_modules", ".bin");
    const child = spawn("sh", ["-c", `ulimit -t ${cpuSeconds}; ${command}`], {
      cwd,
      detached: true,
      stdio: "ignore",
      env: { ...process.env, CI: "1", NO_COLOR: "1", PATH: `${bin}:${process.env.PATH}`, ...env },
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {}
    }, timeoutMs * 4);
    const done = (code, signal) => {
      clearTimeout(timer);
      resolve({ ok: code === 0, late: late || signal !== null, ms: Date.now() - started });
    };
    child.on("error", () => done(1, null));
    child.on("exit", done);
  });
}

const describe = ({ ok, late, ms }) => `${ok ? "pass" : late ? "timeout" : "fail"} ${ms} ms`;

function lineCounts(folder, work) {
  const files = new Map();
  for (const name of fs.readdirSync(folder)) {
    const { result } = JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"));
    for (const script of result) {
      if (!script.url.startsWith("file:")) continue;
      const relative = path.relative(work, fileURLToPath(script.url));
      if (relative.startsWith("..") || /(^|\/)node_modules\//.test(relative)) continue;
      const text = fs.readFileSync(path.join(work, relative), "utf8");
      const counts = new Uint32Array(text.length);
      const ranges = script.functions.flatMap((one) => one.ranges);
      ranges.sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
      for (const range of ranges) counts.fill(range.count, range.startOffset, range.endOffset);
      const lines = files.get(relative) ?? [];
      let at = 0;
      for (const [index, line] of text.split("\n").entries()) {
        let most = 0;
        for (let i = 0; i < line.length; i += 1) if (/[\w]/.test(line[i])) most = Math.max(most, counts[at + i]);
        lines[index] = (lines[index] ?? 0) + most;
        at += line.length + 1;
      }
      files.set(relative, lines);
    }
  }
  return files;
}

// A tool's output keeps its head and tail alone when it is long, so the report stays below that.
let budget = 24_000;

function printCoverage(label, files) {
  const own = [...files].filter(([file]) => !/(^|\/)(tests?|__tests__|specs?)\/|[._-](test|spec)\.\w+$/.test(file));
  for (const [file, lines] of own.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const runs = [];
    for (let start = 0, end = 0; start < lines.length; start = end) {
      for (end = start + 1; end < lines.length && lines[end] === lines[start];) end += 1;
      if (lines[start] > 0) runs.push(`${start + 1}-${end}:${lines[start]}`);
    }
    if (runs.length === 0) continue;
    const report = `cover ${label} ${JSON.stringify(file)} ${runs.join(" ")}`;
    budget -= report.length;
    if (budget > 0) console.log(report);
  }
}

async function trace() {
  const work = path.join(home, "copy");
  copyTree(root, work);
  for (const { label, command, timed, covered } of job.commands) {
    const folder = path.join(home, `coverage-${label}`);
    fs.mkdirSync(folder);
    const first = await run(command, work, job.timeoutMs, covered ? { NODE_V8_COVERAGE: folder } : {});
    const outcome = covered && timed && !first.late ? await run(command, work, job.timeoutMs) : first;
    console.log(`ran ${label} ${describe(outcome)}`);
    printCoverage(label, lineCounts(folder, work));
  }
}

async function tryEdits() {
  let next = 0;
  let found = -1;
  const verdicts = [];
  const worker = async (number) => {
    const work = path.join(home, `copy-${number}`);
    copyTree(root, work);
    while (found === -1 && next < job.edits.length && Date.now() < deadline) {
      const index = next++;
      const [file, start, end, text] = job.edits[index];
      const target = path.join(work, job.files[file]);
      const original = fs.readFileSync(target, "utf8");
      fs.writeFileSync(target, original.slice(0, start) + text + original.slice(end));
      let outcome = await run(job.quick, work, job.quickTimeoutMs);
      if (outcome.ok && job.full !== job.quick) {
        outcome = await run(job.full, work, job.fullTimeoutMs);
        if (!outcome.ok) verdicts[index] = "half";
      }
      verdicts[index] ??= outcome.ok ? "PASS" : outcome.late ? "timeout" : "fail";
      if (outcome.ok && (found === -1 || index < found)) found = index;
      fs.writeFileSync(target, original);
    }
  };
  await Promise.all(
    Array.from({ length: Math.min(job.workers, os.availableParallelism?.() ?? 1) }, (_, i) => worker(i)),
  );
  const tally = {};
  for (const verdict of verdicts) if (verdict) tally[verdict] = (tally[verdict] ?? 0) + 1;
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(
    `tried ${verdicts.filter(Boolean).length} of ${job.edits.length} in ${seconds} s: ${JSON.stringify(tally)}`,
  );
  verdicts.forEach(
    (verdict, index) => verdict && verdict !== "fail" && console.log(`edit ${job.first + index} ${verdict}`),
  );
  if (found !== -1) console.log(`found ${job.first + found}`);
}

await (job.edits === undefined ? trace() : tryEdits());
