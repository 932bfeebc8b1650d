/** A published package with tests in its tarball, pinned. */
export interface EvaluatedPackage {
  readonly name: string;
  readonly version: string;
  /** The project's test command, as a person would enter it. */
  readonly testCommand: string;
  /** Packages that its tests need, installed beside the copies. */
  readonly needs: readonly string[];
  /** Files in which bugs are injected. */
  readonly sources: readonly string[];
}

export const packages: readonly EvaluatedPackage[] = [
  {
    name: "minimist",
    version: "1.2.8",
    testCommand: "tape 'test/**/*.js'",
    needs: ["tape@5.9.0"],
    sources: ["index.js"],
  },
  { name: "path-browserify", version: "1.0.1", testCommand: "node test", needs: ["tape@5.9.0"], sources: ["index.js"] },
  {
    name: "dijkstrajs",
    version: "1.0.3",
    testCommand: "mocha -R spec",
    needs: ["mocha@10.8.2", "expect.js@0.3.1"],
    sources: ["dijkstra.js"],
  },
  { name: "fast-content-type-parse", version: "4.0.1", testCommand: "node --test", needs: [], sources: ["index.js"] },
  {
    name: "@fastify/deepmerge",
    version: "3.2.4",
    testCommand: "tape test/*.js",
    needs: ["tape@5.9.0"],
    sources: ["index.js"],
  },
  {
    name: "secure-json-parse",
    version: "4.1.1",
    testCommand: 'tape "test/*.test.js"',
    needs: ["tape@5.9.0"],
    sources: ["index.js"],
  },
  {
    name: "json-stable-stringify",
    version: "1.3.0",
    testCommand: "tape 'test/**/*.js'",
    needs: ["tape@5.9.0", "call-bind@1.0.8", "call-bound@1.0.4", "isarray@2.0.5", "jsonify@0.0.1", "object-keys@1.1.1"],
    sources: ["index.js"],
  },
  {
    name: "text-table",
    version: "0.2.0",
    testCommand: "tape test/*.js",
    needs: ["tape@5.9.0", "cli-color@0.2.3"],
    sources: ["index.js"],
  },
];
