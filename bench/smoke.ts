/** True under `npm run bench -- --smoke`: every bench runs for a moment, to show that it still works. Its figures mean nothing. */
export const isSmoke = process.argv.includes("--smoke");

/** How often to do something: `whole` times, or `few` times in a smoke run. */
export function howMany(whole: number, few: number): number {
  return isSmoke ? few : whole;
}
