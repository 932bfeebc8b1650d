/** Folders that hold tests, their fixtures and their snapshots, in the languages' habits: `tests/`, `src/test/`, `Lib.Tests/`. */
const testFolder =
  /(?:^|\/)(?:(?:[\w-]+\.)*(?:tests?|specs?)|__(?:tests?|mocks|snapshots|fixtures)__|testdata|e2e)\//iu;

/** Names of test files, by language. The part before the last dot decides, since runners search for it. */
const testNames: readonly RegExp[] = [
  // JavaScript and TypeScript: `a.test.ts`, `a_spec.js`, `test-a.mjs`, `test.js`.
  /^(?:.*[._-])?(?:tests?|spec)\.[cm]?[jt]sx?$/u,
  /^test-.+\.[cm]?[jt]s$/u,
  /\.snap$/u,
  // Python: pytest's and unittest's files, and Django's `tests.py`.
  /^(?:test_.+|.+_test|tests?)\.py$/u,
  // Go, Dart, Elixir, Clojure, Ruby, Lua, C and C++, shell, Perl: `a_test.go`, `a_spec.rb`, `test_a.cc`, `a.bats`.
  /_(?:test|spec)\.(?:go|dart|exs?|clj[cs]?|rb|lua|c|cc|cpp|cxx|ml|erl|sh)$/u,
  /^test_.+\.(?:rb|c|cc|cpp|cxx|jl|r|R|sh)$/u,
  /\.(?:bats|feature|t)$/u,
  // Java, Kotlin, Scala, Groovy, C#, F#, Swift, PHP, Haskell: `ATest.java`, `TestA.java`, `AIT.java`, `ASpec.scala`.
  /^(?:.*[a-z0-9_]|[A-Z]+)?(?:Tests?|TestCase|Spec)\.(?:java|kts?|scala|groovy|cs|fs|swift|php|hs|m)$/u,
  /[a-z0-9]IT\.(?:java|kt|groovy)$/u,
  /^Test[A-Z]\w*\.(?:java|kts?|scala|groovy|cs)$/u,
];

/** Files that say which tests run and how. `package.json`, whose scripts do too, is looked at by its content. */
const runnerFiles: readonly RegExp[] = [
  /^(?:vitest|jest|ava|playwright|cypress|web-test-runner|wdio|karma|jasmine)[\w.-]*\.(?:config|conf|setup|workspace|json)(?:\.[\w.]+)?$/u,
  /^(?:vitest|jest)\.(?:setup|workspace|globals?)[\w.-]*$/u,
  /^karma\.conf\.[cm]?[jt]s$/u,
  /^\.(?:mocharc|nycrc|c8rc|taprc|jestrc|rspec|pytest\.ini|coveragerc)(?:\.\w+)?$/u,
  /^(?:mocha\.opts|pytest\.ini|tox\.ini|noxfile\.py|setup\.cfg|conftest\.py|phpunit\.xml(?:\.dist)?|bunfig\.toml)$/u,
  /^(?:GNU)?[Mm]akefile$|^[Jj]ustfile$|^Taskfile\.ya?ml$|^Rakefile$/u,
];

/** Files that change how a command behaves before the tests have begun: settings of package managers and shells, and shadowed modules. */
const environmentFiles: readonly RegExp[] = [
  /(?:^|\/)\.(?:npmrc|yarnrc(?:\.yml)?|pnpmfile\.cjs|pnp\.[cm]?js|env(?:\.[\w.-]+)?|envrc|bash_profile|bashrc|profile|zshenv|pythonrc|noderc)$/u,
  /(?:^|\/)(?:node_modules|\.yarn|\.venv|venv|site-packages)\//u,
  /(?:^|\/)(?:sitecustomize|usercustomize|pytest|_pytest|unittest|nose2?)(?:\.py|\/.*)$/u,
  /\.pth$/u,
  /(?:^|\/)\.cargo\/config(?:\.toml)?$/u,
];

/** True when the path looks like a test, or a fixture or snapshot of one, by the habits of its language. */
export function isTestPath(path: string): boolean {
  return testFolder.test(path) || testNames.some((name) => name.test(nameOf(path)));
}

/** True for a file that configures a test runner. */
export function isRunnerPath(path: string): boolean {
  return runnerFiles.some((name) => name.test(nameOf(path)));
}

/** True for a file that reaches into every command that runs beside it. */
export function isEnvironmentPath(path: string): boolean {
  return environmentFiles.some((file) => file.test(path));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
