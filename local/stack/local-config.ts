import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse } from "smol-toml";
import * as z from "zod";
import { StackError } from "./errors.ts";
import { projectRoot } from "./preflight.ts";

const configSchema = z.looseObject({
  main: z.string(),
  assets: z.looseObject({ directory: z.string() }).optional(),
  d1_databases: z.array(z.looseObject({ migrations_dir: z.string().optional() })).optional(),
  secrets: z.unknown().optional(),
});

/** The two configurations of a data folder: `bundle` to make the Worker's bundle with, `run` to run it with. */
export interface LocalConfig {
  readonly bundle: string;
  readonly run: string;
}

/** Where `writeLocalConfig` puts them. */
export function localConfig(dataDir: string): LocalConfig {
  return { bundle: path.join(dataDir, "wrangler.bundle.json"), run: path.join(dataDir, "wrangler.json") };
}

/**
 * Writes the deployment's own wrangler.toml once more for this machine, with absolute paths and without its list of
 * secrets: with that list wrangler hands the Worker only what it names, without it everything in the environment file.
 * The one for bundling names no assets, so that the bundle needn't wait for the SPA.
 * https://developers.cloudflare.com/workers/wrangler/configuration/
 *
 * @param main another entry than the deployment's, for benchmarks that look inside
 * @throws StackError when the deployment's configuration can't be read
 */
export function writeLocalConfig(dataDir: string, main?: string): void {
  const parsed = configSchema.safeParse(parseToml(readFileSync(path.join(projectRoot, "wrangler.toml"), "utf8")));
  if (!parsed.success) throw unusable(z.prettifyError(parsed.error));
  const { secrets: _secrets, assets, ...config } = parsed.data;
  const absolute = (relative: string): string => path.resolve(projectRoot, relative);
  const local = {
    ...config,
    main: absolute(main ?? config.main),
    ...(config.d1_databases === undefined
      ? {}
      : {
          d1_databases: config.d1_databases.map((database) => ({
            ...database,
            migrations_dir: absolute(database.migrations_dir ?? "migrations"),
          })),
        }),
  };
  const withAssets =
    assets === undefined ? local : { ...local, assets: { ...assets, directory: absolute(assets.directory) } };
  const files = localConfig(dataDir);
  writeFileSync(files.bundle, `${JSON.stringify(local, null, 2)}\n`);
  writeFileSync(files.run, `${JSON.stringify(withAssets, null, 2)}\n`);
}

function parseToml(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw unusable(error instanceof Error ? error.message : String(error));
  }
}

function unusable(why: string): StackError {
  return new StackError(`wrangler.toml can't be used: ${why}`);
}
