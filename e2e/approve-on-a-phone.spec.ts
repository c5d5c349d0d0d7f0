import { expect, test } from "@playwright/test";
import { Operator } from "./operator.ts";
import { Vigil } from "./vigil.ts";

const vigil = new Vigil();
const SCOPE = "customer:sensitive_data";

test.beforeAll(async () => {
  test.setTimeout(300_000);
  await vigil.start(["--demo", "--attack-after=3600"]);
  await expect
    .poll(async () => (await vigil.api<{ pending: number }>("/approvals")).pending, { timeout: 60_000 })
    .toBeGreaterThan(0);
});
test.afterAll(() => vigil.remove());

test("an approver weighs a request on a phone, grants a shorter time, sees it live and takes it back", async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const approver = await Operator.signIn(browser, vigil, "approver1");
  const { page } = approver;
  await page.setViewportSize({ width: 390, height: 844 });
  await approver.goto("/approvals?mine=1");
  await page.getByRole("link", { name: new RegExp(SCOPE) }).click();

  await expect(page.getByRole("region", { name: "Blast radius" })).toContainText(/From zone/);
  await expect(page.getByRole("region", { name: "What it changes" })).toContainText(`${SCOPE} is HIGH`);
  await expect(page.getByRole("region", { name: "Its last 24 hours" })).toContainText(/Calls/);
  await expect(page.getByRole("region", { name: "Asked before" })).toContainText("The first request");

  const vote = page.getByRole("region", { name: "Your vote" });
  await vote.getByRole("textbox", { name: "Reason" }).fill("Case work of today, half an hour is enough");
  await vote.getByRole("combobox", { name: "Grant for" }).or(vote.getByLabel("Grant for")).first().click();
  await page.getByRole("option", { name: "30 min" }).click();
  await vote.getByRole("button", { name: "Approve for 30 min" }).click();
  await approver.confirmItIsMe();
  await expect(page.getByRole("heading", { level: 1 }).locator("..")).toContainText("approved");

  await approver.goto("/grants?risk=HIGH");
  const row = page.getByRole("row").filter({ hasText: SCOPE });
  await expect(row).toContainText("approved by");
  await row.getByRole("button", { name: /^Revoke/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("The case is closed");
  await dialog.getByRole("button", { name: "Revoke grant" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("None of these")).toBeVisible();
  await page.context().close();
});
