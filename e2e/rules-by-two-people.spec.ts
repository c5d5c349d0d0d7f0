import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { Operator } from "./operator.ts";
import { Vigil } from "./vigil.ts";

const WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const vigil = new Vigil();

test.beforeAll(async () => {
  test.setTimeout(300_000);
  await vigil.start(["--demo", "--attack-after=86400"]);
});
test.afterAll(() => vigil.remove());

const region = (page: Page, name: string | RegExp) => page.getByRole("region", { name });

/** Nothing that assistive technology stumbles over, and nothing wider than the window. */
async function holdsUp(page: Page, what: string): Promise<void> {
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  const { violations } = await new AxeBuilder({ page }).withTags(WCAG_2_2_AA).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
  );
  expect.soft(found, what).toEqual([]);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect.soft(overflow, `${what} is wider than the window`).toBeLessThanOrEqual(0);
  // Pictures for a person to look at, where `VIGIL_E2E_PICTURES` names a folder.
  const folder = process.env.VIGIL_E2E_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/rules-${what}.png`, fullPage: true });
}

async function inTheme(page: Page, theme: "dark" | "light"): Promise<void> {
  await page.evaluate((value) => localStorage.setItem("mantine-color-scheme-value", value), theme);
}

test("an analyst tunes a rule, whose examples hold it, tries it on what happened, and a second person decides", async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const analyst = await Operator.signIn(browser, vigil, "analyst");
  const { page } = analyst;
  await page.setViewportSize({ width: 1280, height: 900 });
  await inTheme(page, "light");

  await test.step("the rules are reached by the keyboard, and one says in words what it does", async () => {
    await analyst.goto("/rules");
    await holdsUp(page, "list-light");
    const table = page.getByRole("table", { name: "Detection rules" });
    await expect(table.getByRole("row")).toHaveCount(9);
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await expect(region(page, "Agent makes excessive API calls")).toContainText(
      "More than 1,000 actions within a minute. An alert is raised.",
    );
    await analyst.goto("/rules?rule=bulk-read-then-post");
    await expect(region(page, /Many customers read/)).toContainText("AML.T0086 Exfiltration via AI Agent");
    await holdsUp(page, "one-light");
    await inTheme(page, "dark");
    await analyst.goto("/rules?rule=excessive-api-calls");
    await holdsUp(page, "one-dark");
  });

  await test.step("a change that breaks the rule's own example is refused, and nothing typed is lost", async () => {
    await page.getByRole("link", { name: "Change or try" }).click();
    await page.getByLabel("More than").fill("900");
    await expect(region(page, "In words")).toContainText("More than 900 actions");
    await page.getByLabel("Reason").fill("The payment agents make 400 at most");
    await holdsUp(page, "change-dark");
    await page.getByRole("button", { name: "Propose version 2" }).click();
    await expect(region(page, "Propose it")).toContainText("it fires for “1,000 calls in a minute”");
    await expect(page.getByLabel("More than")).toHaveValue("900");
  });

  await test.step("the dry-run says how much was read, and what was not looked at", async () => {
    await page.getByText("JSON", { exact: true }).click();
    const json = page.getByRole("textbox", { name: "The rule as JSON" });
    const text = await json.inputValue();
    await json.fill(text.replace('"times": 1000', '"times": 900'));
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await expect(region(page, /Dry-run/)).toContainText(/actions of \d+ agents were read/, {
      timeout: 30_000,
    });
    await expect(page.getByRole("list", { name: "What was not looked at" })).toContainText(
      "as they are today",
    );
    await holdsUp(page, "json-dark");
    await inTheme(page, "light");
  });

  await test.step("who proposed may withdraw and not approve, and reads why", async () => {
    await page.getByRole("button", { name: "Propose version 2" }).click();
    await expect(region(page, "Your decision")).toContainText("Only people who hold the role approver");
    await expect(region(page, "Your decision")).toContainText("You proposed this yourself");
    await expect(page.getByRole("button", { name: "Approve", exact: true })).toHaveCount(0);
    await holdsUp(page, "proposal-of-ones-own");
  });

  const approver = await Operator.signIn(browser, vigil, "approver1");
  await test.step("a second person tries it and approves, on a phone", async () => {
    const phone = approver.page;
    await inTheme(phone, "light");
    await phone.setViewportSize({ width: 390, height: 844 });
    await approver.goto("/rules");
    await expect(region(phone, "Proposed: version 2")).toContainText("More than 900 actions");
    await phone.getByRole("button", { name: "Run", exact: true }).click();
    await expect(region(phone, /Dry-run/)).toContainText(/agents were read/, { timeout: 30_000 });
    await holdsUp(phone, "proposal-phone");
    await phone.getByLabel("Reason").fill("Agreed in the shift's review");
    await phone.getByRole("button", { name: "Approve", exact: true }).click();
    await approver.confirmItIsMe();
    await expect(phone.getByText("version 2", { exact: true })).toBeVisible();
  });

  await test.step("the other browser hears of it by itself, and going back is a proposal too", async () => {
    await expect(page.getByText("version 2", { exact: true })).toBeVisible();
    await page.getByRole("button", { name: "Propose again" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("It was noisy after all");
    await dialog.getByRole("button", { name: "Propose version 3" }).click();
    await expect(region(page, "Proposed: version 3")).toContainText("More than 1,000 actions");
    await holdsUp(page, "roll-back");
  });
  for (const one of [analyst, approver]) await one.page.context().close();
});
