import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { SandboxHost } from "../../sandbox-host/index.ts";

export interface CiJob {
  /** A gzipped tarball of the repository, its one top folder to be dropped. */
  readonly tarball: Uint8Array;
  /** Run by `sh -c` at the repository's root. */
  readonly command: string;
  readonly timeoutMs: number;
  /** Gets stdout and stderr in the order of their arrival. */
  readonly onOutput: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface CiOutcome {
  readonly exitCode: number;
  readonly timedOut: boolean;
  readonly cancelled: boolean;
}

export interface CiRunner {
  /** Runs a job in a sandbox of its own, which is destroyed at the end however it ends. Throws HostError. */
  run(job: CiJob): Promise<CiOutcome>;
}

const mebibyte = 1024 * 1024;
const maxLogBytes = 4 * mebibyte;

/** Runs repositories' test commands in fresh sandboxes of a host in this process. */
export function createCiRunner(host: SandboxHost): CiRunner {
  return {
    run: async (job) => {
      const { registry, seedLimits } = host.internals;
      const id = `ci-${randomUUID()}`;
      const sandbox = await registry.open(id, {
        env: {},
        memoryBytes: 2048 * mebibyte,
        diskBytes: 2048 * mebibyte,
        maxProcesses: 512,
      });
      const onAbort = () => sandbox.cancel("job");
      try {
        await sandbox.seed({ dir: "repository", base: "ci" }, Readable.from([job.tarball]), seedLimits);
        const decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
        const running = sandbox.exec(
          {
            execId: "job",
            argv: ["sh", "-c", job.command],
            cwd: "repository",
            timeoutMs: job.timeoutMs,
            maxOutputBytes: maxLogBytes,
          },
          (stream, bytes) => {
            const text = decoders[stream].write(bytes);
            if (text !== "") job.onOutput(text);
          },
        );
        job.signal?.addEventListener("abort", onAbort);
        if (job.signal?.aborted === true) onAbort();
        const { exitCode, timedOut, cancelled } = await running;
        const rest = decoders.stdout.end() + decoders.stderr.end();
        if (rest !== "") job.onOutput(rest);
        return { exitCode, timedOut, cancelled };
      } finally {
        job.signal?.removeEventListener("abort", onAbort);
        await registry.destroy(id);
      }
    },
  };
}
