// Answers of lime-units that the other tests rely on. contract.test.js holds them against the library itself.
export const formatDuration = recorded([
  [[95_000], "1m 35s"],
  [[5_400_000], "1h 30m"],
  [[0], "0ms"],
]);

export const formatRelative = recorded([
  [[1_772_366_100_000, 1_772_366_400_000], "5 minutes ago"],
  [[1_772_359_200_000, 1_772_366_400_000], "2 hours ago"],
  [[1_772_366_400_000, 1_772_366_400_000], "just now"],
]);

export const plural = recorded([
  [[0, "build"], "0 builds"],
  [[1, "build"], "1 build"],
  [[2, "build"], "2 builds"],
]);

/** A function that knows the given answers and no others; they stand in its `answers`. */
function recorded(answers) {
  const known = new Map(answers.map(([input, output]) => [JSON.stringify(input), output]));
  const call = (...input) => {
    const key = JSON.stringify(input);
    if (!known.has(key)) throw new Error(`lime-units was not recorded for ${key}`);
    return known.get(key);
  };
  return Object.assign(call, { answers });
}
