import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  writeSync,
} from "node:fs";

/** Reads and writes of /proc and the cgroup file system. Each throws the system's error, with its `code`. */
export interface CgroupFiles {
  read(path: string): string;
  /** Writes to a file that the kernel made; never makes one. */
  write(path: string, text: string): void;
  exists(path: string): boolean;
  canWrite(path: string): boolean;
  /** Names of the folders in a folder. */
  folders(path: string): readonly string[];
  /** Makes a folder; one that is there already is kept. */
  makeFolder(path: string): void;
  /** Removes the folder of a cgroup, which has files of the kernel's alone. */
  removeFolder(path: string): void;
  /** A descriptor for writing, to be closed by the caller. */
  open(path: string): number;
}

/** This machine's. */
export const systemCgroupFiles: CgroupFiles = {
  read: (path) => readFileSync(path, "latin1"),
  write: (path, text) => {
    const descriptor = openSync(path, constants.O_WRONLY);
    try {
      writeSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
  },
  exists: existsSync,
  canWrite: (path) => {
    try {
      accessSync(path, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  },
  folders: (path) =>
    readdirSync(path, { withFileTypes: true })
      .filter((item) => item.isDirectory())
      .map(({ name }) => name),
  makeFolder: (path) => void mkdirSync(path, { recursive: true }),
  removeFolder: rmdirSync,
  open: (path) => openSync(path, constants.O_WRONLY),
};

/** The `code` of a system error; empty for any other value. */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** The number of a key in a flat file of the kernel's, such as memory.events; 0 where there is none. */
export function numberOf(text: string, key: string): number {
  return Number(new RegExp(`^${key} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
}
