import { afterAll, afterEach, expect, it } from "vitest";
import type { ExecOptions, ExecResult, SandboxPort, SandboxSpec, TreeFile } from "../../../worker/ports/sandbox.ts";
import { writeTarball, type TarMember } from "../../fakes/tar-writer.ts";

/** The parts that a driver brings to the contract suite. */
export interface ContractFixture {
  readonly port: SandboxPort;
  /** Paths that exist on the machine that runs the sandboxes and must not exist inside one. */
  readonly hiddenPaths: readonly string[];
  /** A TCP port on that machine's loopback on which something listens. */
  readonly hostPort: number;
  /** Command lines of running processes on that machine, if the driver's machine can be looked at. */
  readonly processes?: () => readonly string[];
  readonly close: () => Promise<void>;
}

const mebibyte = 1024 * 1024;

/** Everything that a test of the suite uses; each test opens its own sandboxes, which are destroyed after it. */
export class Bench {
  readonly #fixture: () => ContractFixture;
  readonly #opened = new Set<string>();
  #shared: string | undefined;
  /** Adds a test that needs real processes, real programs or a kernel; a driver in memory does not have such tests. */
  readonly itWithKernel: (name: string, test: () => Promise<void>) => void;

  constructor(fixture: () => ContractFixture, hasKernel = true) {
    this.#fixture = fixture;
    this.itWithKernel = hasKernel ? it : () => undefined;
    afterEach(async () => {
      await Promise.all([...this.#opened].map((id) => this.port.destroy(id)));
      this.#opened.clear();
    });
    afterAll(async () => {
      if (this.#shared !== undefined) await this.port.destroy(this.#shared);
    });
  }

  get fixture(): ContractFixture {
    return this.#fixture();
  }

  get port(): SandboxPort {
    return this.#fixture().port;
  }

  /** A spec with a fresh id and small limits, remembered for the clean-up. */
  spec(overrides: Partial<SandboxSpec> = {}): SandboxSpec {
    const id = `test-${crypto.randomUUID()}`;
    this.#opened.add(overrides.id ?? id);
    return { id, env: {}, memoryBytes: 1024 * mebibyte, diskBytes: 256 * mebibyte, maxProcesses: 256, ...overrides };
  }

  /** Opens a sandbox and returns its id. */
  async open(overrides: Partial<SandboxSpec> = {}): Promise<string> {
    return (await this.port.open(this.spec(overrides))).id;
  }

  /** A sandbox for tests that are refused everything and so leave it as it is. */
  async openShared(): Promise<string> {
    const id = this.#shared ?? `shared-${crypto.randomUUID()}`;
    this.#shared = id;
    const { env, memoryBytes, diskBytes, maxProcesses } = this.spec();
    return (await this.port.open({ id, env, memoryBytes, diskBytes, maxProcesses })).id;
  }

  exec(id: string, argv: readonly string[], options: Partial<ExecOptions> = {}): Promise<ExecResult> {
    return this.port.exec(id, argv, { timeoutMs: 20_000, maxOutputBytes: 1_000_000, ...options });
  }

  /** Runs a shell script in /workspace. */
  shell(id: string, script: string, options: Partial<ExecOptions> = {}): Promise<ExecResult> {
    return this.exec(id, ["sh", "-c", script], options);
  }

  async seed(id: string, dir: string, members: readonly TarMember[], tree?: readonly TreeFile[]) {
    return this.port.seed(id, dir, streamOf(writeTarball(members)), "0123456789abcdef0123456789abcdef01234567", tree);
  }

  write(id: string, path: string, content: string, options?: { readonly executable?: boolean }): Promise<void> {
    return this.port.writeFile(id, path, new TextEncoder().encode(content), options);
  }

  async read(id: string, path: string): Promise<string> {
    return new TextDecoder().decode((await this.port.readFile(id, path)).bytes);
  }

  /** Asks until the answer is true; throws after `timeoutMs`. */
  async until(what: string, check: () => Promise<boolean> | boolean, timeoutMs = 8_000): Promise<void> {
    const end = performance.now() + timeoutMs;
    while (!(await check())) {
      if (performance.now() > end) throw new Error(`not within ${String(timeoutMs)} ms: ${what}`);
      await sleep(25);
    }
  }
}

export function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  return new Blob([bytes]).stream();
}

export function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** Matches a string by a pattern, within a larger expectation. */
export function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
