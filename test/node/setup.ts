import { ensureBubblewrap } from "../../sandbox-host/index.ts";

/** Before all: sandbox tests need isolation. Debian as root gets it installed; elsewhere one line names the remedy, and they fail. */
export async function setup(): Promise<void> {
  const isolation = await ensureBubblewrap((line) => console.log(line));
  if (!isolation.ok) console.error(`Sandbox tests will fail: ${isolation.reason}. What helps: ${isolation.fix}.`);
}
