import { expect, type Page, test } from "@playwright/test";
import { Operator } from "./operator.ts";
import { Vigil } from "./vigil.ts";

const AGENT = "aml-monitor-005";
const vigil = new Vigil();

test.beforeAll(async () => {
  test.setTimeout(300_000);
  await vigil.start(["--demo", "--attack-after=86400"]);
});
test.afterAll(() => vigil.remove());

const trustOf = (page: Page) => page.getByRole("region", { name: "Trust", exact: true });

test("trust is shown with why, as a line and as a table; set by hand it counts after a second person, and ends", async ({
  browser,
}) => {
  const analyst = await Operator.signIn(browser, vigil, "analyst");
  const approver = await Operator.signIn(browser, vigil, "approver1");
  for (const { page } of [analyst, approver]) {
    await page.goto(`${vigil.url}/agents/${AGENT}`);
    await expect(trustOf(page).getByRole("list", { name: "What makes up trust" })).toContainText("history");
  }
  const trust = trustOf(analyst.page);
  await trust.getByRole("button", { name: "View as table" }).click();
  await expect(trust.getByRole("region", { name: "Trust as computed as a table" })).toContainText("20");

  await trust.getByRole("button", { name: "Set by hand…" }).click();
  const dialog = analyst.page.getByRole("dialog", { name: `Set trust in ${AGENT} by hand` });
  await dialog.getByLabel("Trust").fill("0.35");
  await dialog.getByLabel("Reason").fill("Its model was changed this morning");
  await dialog.getByRole("button", { name: "Send request" }).click();
  await expect(dialog).toBeHidden();
  await expect(trust).toContainText("You asked for this yourself; a second person must decide.");
  await expect(trust.getByRole("button", { name: /^Set to/ })).toHaveCount(0);

  const seen = trustOf(approver.page);
  await expect(seen).toContainText("Its model was changed this morning");
  await seen.getByLabel("Reason").fill("Seen the change record");
  await seen.getByRole("button", { name: "Set to 0.35 for 1 h" }).click();
  await approver.confirmItIsMe();
  for (const region of [trust, seen]) await expect(region).toContainText("trust 0.35, set by hand");

  await trust.getByRole("button", { name: "End now…" }).click();
  const end = analyst.page.getByRole("dialog", { name: "End trust set by hand" });
  await end.getByLabel("Reason").fill("The change was rolled back");
  await end.getByRole("button", { name: "End now" }).click();
  await expect(end).toBeHidden();
  for (const region of [trust, seen]) await expect(region).not.toContainText("Set by hand to");
  await expect(trust).not.toContainText("trust 0.35");
});
