// Loaded before the tests: they run whether or not lime-units is installed, as in CI, where it isn't.
import { registerHooks } from "node:module";
import { findUnits } from "./find-units.js";

const { url } = findUnits();

registerHooks({
  resolve(specifier, context, next) {
    return specifier === "lime-units" ? { url, shortCircuit: true } : next(specifier, context);
  },
});
