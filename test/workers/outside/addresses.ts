/** The addresses of the stand-ins for the other sides; `control` is the tests' own way to them. */
export const outside = {
  forge: "http://api.github.test",
  model: "http://model.test",
  sandbox: "http://sandbox.test",
  control: "http://outside.test",
} as const;
