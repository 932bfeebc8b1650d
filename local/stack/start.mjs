// Plain JavaScript on purpose: an older Node can't read TypeScript, and should say so in words.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18) || (major === 23 && minor < 6)) {
  console.error(
    `Node ${process.versions.node} is too old: Assembly Lime runs on Node 22.18 or newer. ` +
      "On Linux `npm ci` brings it and `npm start` uses it; elsewhere install it from https://nodejs.org.",
  );
  process.exit(1);
}
// The arguments after the command's name are for the command.
const [command = "start"] = process.argv.splice(2, 1);
try {
  if (command === "start") await import("./main.ts");
  else if (command === "reset") await import("./reset.ts");
  else if (command === "demo") await import("../demo/main.ts");
  else if (command === "rebuild-projection") await import("./rebuild-projection.ts");
  else throw new Error(`unknown command ${command}`);
} catch (error) {
  if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
  console.error(`A package is missing (${error.message.split("\n")[0]}): run \`npm ci\` and try again.`);
  process.exit(1);
}
