// `npm run simulate -- --histories 100000 --seed 1 --threads 2`: lives seeded histories and prints how fast, what they came
// across, and the first that broke an invariant, shortened (`--whole` leaves it as it was). Ends with 1 then.
import { registerHooks } from "node:module";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

// Hashing in plain JavaScript is most of a history's cost; Node's own gives the same answers.
registerHooks({
  resolve: (specifier, context, next) => {
    const resolved = next(specifier, context);
    return resolved.url.endsWith("/domain/hash.ts")
      ? { ...resolved, url: new URL("native-hash.ts", import.meta.url).href }
      : resolved;
  },
});
const { simulate, live } = await import("./simulate.ts");
const { Coverage } = await import("./coverage.ts");
type Failure = NonNullable<Awaited<ReturnType<typeof simulate>>>;

interface Batch {
  readonly firstSeed: number;
  readonly count: number;
  readonly shortens: boolean;
}

interface Result {
  readonly failure: Failure | undefined;
  readonly counts: InstanceType<typeof Coverage>["counts"];
  readonly cpuMs: number;
}

if (isMainThread) await main();
else {
  const batch: unknown = workerData;
  if (!isBatch(batch)) throw new TypeError("a worker needs its batch");
  parentPort?.postMessage(await run(batch));
}

async function run({ count, firstSeed, shortens }: Batch): Promise<Result> {
  const coverage = new Coverage();
  const before = process.threadCpuUsage();
  const failure = await simulate(firstSeed, count, coverage, shortens);
  const used = process.threadCpuUsage(before);
  return { failure, counts: coverage.counts, cpuMs: (used.user + used.system) / 1000 };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      histories: { type: "string", default: "10000" },
      seed: { type: "string", default: "1" },
      threads: { type: "string", default: "1" },
      trace: { type: "boolean", default: false },
      whole: { type: "boolean", default: false },
    },
  });
  const [histories, seed, threads] = [Number(values.histories), Number(values.seed), Number(values.threads)];
  if (values.trace) {
    const { error, trace } = await live(seed, new Coverage(), true);
    console.log(trace.join("\n"), error ?? "nothing broke");
    process.exitCode = error === undefined ? 0 : 1;
    return;
  }
  const startedAt = performance.now();
  const share = Math.ceil(histories / threads);
  const batches = Array.from({ length: threads }, (_, index): Batch => ({
    firstSeed: seed + index * share,
    count: Math.min(share, histories - index * share),
    shortens: !values.whole,
  }));
  const results = await Promise.all(batches.map(inWorker));
  const wallMs = performance.now() - startedAt;
  const coverage = new Coverage();
  for (const { counts } of results) coverage.add(counts);
  console.log(coverage.report());
  const failure = results.flatMap((result) => result.failure ?? [])[0];
  if (failure !== undefined) {
    console.log(
      `\nseed ${failure.seed} broke ${failure.rule}\n${failure.message}\n\n${failure.tape.length} draws:\n${failure.trace.join("\n")}\n\ntape: ${JSON.stringify(failure.tape)}`,
    );
    process.exitCode = 1;
    return;
  }
  const cpuMs = results.reduce((sum, result) => sum + result.cpuMs, 0);
  console.log(
    `\n${histories} histories held, seeds ${seed} to ${seed + histories - 1}: ${(wallMs / 1000).toFixed(1)} s on ${threads} threads, ${Math.round((histories / wallMs) * 1000)} histories/s`,
  );
  console.log(
    `CPU ${(cpuMs / 1000).toFixed(1)} s, ${(cpuMs / histories).toFixed(3)} ms a history, ${Math.round((histories / cpuMs) * 1000)} histories per CPU second`,
  );
}

async function inWorker(batch: Batch): Promise<Result> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: batch,
      resourceLimits: { maxYoungGenerationSizeMb: 96 },
    });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

function isBatch(value: unknown): value is Batch {
  return typeof value === "object" && value !== null && "firstSeed" in value && "count" in value && "shortens" in value;
}
