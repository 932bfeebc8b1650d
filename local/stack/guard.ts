/**
 * Runs one command in this process's group and ends the whole group when standard input closes. The supervisor holds the
 * other end of that pipe, so nothing outlives it, however it dies. Arguments: the command and its arguments.
 */
import { spawn } from "node:child_process";

const [file, ...args] = process.argv.slice(2);
if (file === undefined) throw new Error("guard needs a command");

const child = spawn(file, args, { stdio: ["ignore", "inherit", "inherit"] });

function endGroup(): void {
  process.kill(-process.pid, "SIGKILL");
}

process.stdin.on("end", endGroup).on("error", endGroup).resume();
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, endGroup);
child.on("error", (error) => {
  console.error(error.message);
  endGroup();
});
// Processes that the command started must not outlive it either.
child.on("exit", endGroup);
