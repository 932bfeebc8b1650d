import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { StackError } from "./errors.ts";
import { projectRoot } from "./preflight.ts";

const configSchema = z.looseObject({
  main: z.string(),
  assets: z.looseObject({ directory: z.string() }).optional(),
  d1_databases: z.array(z.looseObject({ migrations_dir: z.string().optional() })).optional(),
  secrets: z.unknown().optional(),
});

/** JSON with comments and trailing commas as JSON: strings are left alone. */
export function stripJsonComments(text: string): string {
  const withoutComments = text.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (token) => (token.startsWith('"') ? token : ""));
  return withoutComments.replace(/"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/g, (token) => (token.startsWith('"') ? token : ""));
}

/**
 * Writes the deployment's own wrangler.jsonc once more for this machine, with absolute paths and without its list of
 * secrets: with that list wrangler hands the Worker only what it names, without it everything in the environment file.
 * https://developers.cloudflare.com/workers/wrangler/configuration/
 * @returns the new file's path
 */
export function writeLocalConfig(dataDir: string): string {
  const source = path.join(projectRoot, "wrangler.jsonc");
  const parsed = configSchema.safeParse(JSON.parse(stripJsonComments(readFileSync(source, "utf8"))));
  if (!parsed.success) throw new StackError(`wrangler.jsonc can't be used: ${z.prettifyError(parsed.error)}`);
  const { secrets: _secrets, ...config } = parsed.data;
  const absolute = (relative: string): string => path.resolve(projectRoot, relative);
  const local = {
    ...config,
    $schema: undefined,
    main: absolute(config.main),
    ...(config.assets === undefined ? {} : { assets: { ...config.assets, directory: absolute(config.assets.directory) } }),
    ...(config.d1_databases === undefined
      ? {}
      : {
          d1_databases: config.d1_databases.map((database) => ({ ...database, migrations_dir: absolute(database.migrations_dir ?? "migrations") })),
        }),
  };
  const file = path.join(dataDir, "wrangler.json");
  writeFileSync(file, `${JSON.stringify(local, null, 2)}\n`);
  return file;
}
