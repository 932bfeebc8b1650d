import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lane, openBoardSession, titles, type BoardSession } from "./board-session.ts";
import { shoot, shootPhone } from "./screens.ts";
import { pictureFailures } from "./session.ts";

/* A project's tickets go out to a file and come in from one, in one browser, and are seen in another. */
let session: BoardSession;

beforeAll(async () => {
  session = await openBoardSession();
  await session.make("=First", "todo");
  await session.make("Second", "backlog");
  await session.openBoard(session.mine.page);
  await session.openBoard(session.theirs.page);
});

afterAll(() => session?.close());

pictureFailures(() => session?.mine);

const mine = () => session.mine.page;
const theirs = () => session.theirs.page;
const dialog = () => mine().getByRole("dialog", { name: "Import tickets" });
const importButton = () => dialog().getByRole("button", { name: /^Import/ });
const outcomes = () => dialog().getByRole("status").first().textContent();

async function choose(entry: string | RegExp): Promise<void> {
  await mine().getByRole("button", { name: "Board: menu" }).focus();
  await mine().keyboard.press("Enter");
  const item = mine().getByRole("menuitem", { name: entry });
  await item.focus();
  await mine().keyboard.press("Enter");
}

async function give(name: string, text: string): Promise<void> {
  await dialog()
    .getByLabel("File of tickets")
    .setInputFiles({
      name,
      mimeType: name.endsWith(".csv") ? "text/csv" : "application/json",
      buffer: Buffer.from(text),
    });
}

test("the export is a file with a name, in the order of the board, in which no cell is a formula", async () => {
  for (const format of ["CSV", "JSON"] as const) {
    const [download] = await Promise.all([mine().waitForEvent("download"), choose(`Export as ${format}`)]);
    expect(download.suggestedFilename()).toMatch(
      new RegExp(`^BRD-tickets-\\d{4}-\\d\\d-\\d\\d\\.${format.toLowerCase()}$`, "u"),
    );
    const text = await readFile(await download.path(), "utf8");
    if (format === "JSON")
      expect(JSON.parse(text)).toMatchObject([
        { key: "BRD-2", title: "Second" },
        { key: "BRD-1", title: "=First" },
      ]);
    else expect(text.split("\r\n")[2]).toMatch(/^BRD-1,task,'=First,/u);
  }
});

test("a file with bad lines says why, refused lines first, and can't be imported", async () => {
  await choose("Import tickets…");
  await dialog().waitFor();
  await shoot(mine(), "import-empty");
  await give("bad.csv", 'title,type,depends_on\nGood,bug,\n"Bad, and open,bug,\n');
  await dialog()
    .getByText(/Line 3: A quotation mark of this row is opened and never closed/)
    .waitFor();
  const bad = [
    "ref,title,type,column,depends_on,Story points",
    "a,Good,bug,Todo,,3",
    "b,Wrong type,saga,Todo,,",
    "c,Circle,task,Nowhere,d,",
    "d,Back,task,Todo,c,",
  ];
  const dropped = await mine().evaluateHandle(
    `(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([${JSON.stringify(bad.join("\n"))}], "bad.csv", { type: "text/csv" }));
      return transfer;
    })()`,
  );
  await dialog().getByText("bad.csv", { exact: true }).dispatchEvent("drop", { dataTransfer: dropped });
  await expect.poll(outcomes).toBe("3 refused1 to create");
  const lines = await dialog().locator("tbody tr").allTextContents();
  expect(lines.map((line) => line.slice(0, 1))).toEqual(["3", "4", "5", "2"]);
  expect(lines[0]).toContain("type “saga” is none of epic, story, task, bug.");
  expect(lines[1]).toContain("depends on would make a circle: c -> d -> c.");
  expect(await dialog().getByText("This column is left out: Story points.").count()).toBe(1);
  expect(await importButton().isDisabled()).toBe(true);
  await shoot(mine(), "import-refused");
  await shootPhone(mine(), "import-refused");
});

test("a good file is imported, seen by everybody, and its tickets can be opened; an import that failed keeps the file and doubles nothing", async () => {
  const rows = Array.from({ length: 30 }, (_, index) => `r${index},Imported ${index},QA,${index === 0 ? "" : "r0"}`);
  await give("good.csv", `ref,title,column,parent\n${rows.join("\n")}\n`);
  await expect.poll(outcomes).toBe("30 to create");
  expect(await titles(mine(), "qa")).toEqual([]);
  await shoot(mine(), "import-ready");
  // The answer is lost behind the server, which has written the tickets.
  await mine().route(
    /import\?.*dryRun=false/u,
    async (route) => {
      await route.fetch();
      await route.abort();
    },
    { times: 1 },
  );
  await importButton().click();
  await dialog()
    .getByText(/The file is still here/)
    .waitFor();
  await dialog().getByRole("button", { name: "Try again" }).click();
  await expect.poll(outcomes).toBe("30 unchanged");
  for (const page of [mine(), theirs()])
    await expect.poll(() => lane(page, "qa").locator("h2").textContent()).toBe("QA30");
  await dialog().getByRole("button", { name: "Done" }).click();
  await expect.poll(() => mine().evaluate("document.activeElement.getAttribute('aria-label')")).toBe("Board: menu");
});

test("tickets are updated when it is asked for, and the result leads to them", async () => {
  await choose("Import tickets…");
  await give("update.json", JSON.stringify([{ key: "BRD-2", title: "Second, renamed" }, { title: "Brand new" }]));
  await expect.poll(outcomes).toBe("1 refused1 to create");
  await dialog()
    .getByLabel(/Update tickets whose key/)
    .check();
  await expect.poll(outcomes).toBe("1 to create1 to update");
  await importButton().click();
  await expect.poll(outcomes).toBe("1 created1 updated");
  await shoot(mine(), "import-done");
  await expect.poll(() => titles(theirs(), "backlog")).toEqual(["Second, renamed", "Brand new"]);
  await dialog().getByRole("button", { name: "BRD-33" }).click();
  await mine().getByRole("dialog", { name: "BRD-33 Brand new" }).waitFor();
});

test("a person without the role may export, and reads why they can't import", async () => {
  session.join("qa");
  await session.openBoard(theirs());
  await theirs().getByRole("button", { name: "Board: menu" }).click();
  const item = theirs().getByRole("menuitem", {
    name: "Import tickets: This needs the role dev or above; yours is qa.",
  });
  expect(await item.getAttribute("aria-disabled")).toBe("true");
  expect(await theirs().getByRole("menuitem", { name: "Export as CSV" }).getAttribute("aria-disabled")).toBeNull();
  expect(session.mine.complaints.filter((each) => !each.includes("ERR_FAILED"))).toEqual([]);
});
