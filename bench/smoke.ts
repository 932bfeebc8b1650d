/** True under `npm run bench -- --smoke`: every bench runs for a moment, to show that it still works. Its figures mean nothing. */
export const isSmoke = process.argv.includes("--smoke");

/** The number of repetitions: `whole`, or `few` in a smoke run. */
export function howMany(whole: number, few: number): number {
  return isSmoke ? few : whole;
}
