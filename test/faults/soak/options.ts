import { parseArgs } from "node:util";

/** The length and the load of the soak. */
export interface SoakOptions {
  readonly kills: number;
  /** Runs at the same time. */
  readonly parallel: number;
  /** Time between the Worker's being up and its next death, in ms: by chance between these. */
  readonly upMs: readonly [number, number];
  /** After this much time no more is killed, in ms. */
  readonly limitMs: number;
  readonly seed: number;
}

/** `--kills 200 --parallel 3 --seed 7 --minutes 30 --up 1000,8000`. Throws Error for what is no number. */
export function readOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: "string", default: "200" },
      parallel: { type: "string", default: "3" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      minutes: { type: "string", default: "40" },
      up: { type: "string", default: "1000,8000" },
    },
  });
  const number = (text: string | undefined): number => {
    const value = Number(text);
    if (text === undefined || text === "" || !Number.isFinite(value) || value < 0)
      throw new Error(`${text ?? "nothing"} is no number`);
    return value;
  };
  const [least, most] = values.up.split(",");
  return {
    kills: number(values.kills),
    parallel: Math.max(1, number(values.parallel)),
    upMs: [number(least), number(most)],
    limitMs: number(values.minutes) * 60_000,
    seed: number(values.seed),
  };
}
