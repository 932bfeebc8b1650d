import type { Locator, Page } from "playwright-core";
import type { Ticket } from "../../contracts/project.ts";

export const drawerOf = (page: Page): Locator => page.getByRole("dialog");
/** A section of the drawer, by its name. */
export const part = (page: Page, name: string): Locator => drawerOf(page).getByRole("region", { name, exact: true });
export const rows = async (page: Page, name: string): Promise<string[]> =>
  (await part(page, name).getByRole("listitem").allTextContents()).map((text) => text.trim());

/** Opens a ticket by its address. */
export async function openTicket(page: Page, { id, projectId }: Ticket): Promise<void> {
  await page.goto(`/projects/${projectId}/board?ticket=${id}`);
  await drawerOf(page).getByRole("textbox", { name: "Title" }).waitFor();
}

/** Presses a button by keyboard. */
export async function press(button: Locator): Promise<void> {
  await button.focus();
  await button.press("Enter");
}
