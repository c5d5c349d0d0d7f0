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
}

/** Pictures for a person to look at, where `VIGIL_E2E_PICTURES` names a folder. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.VIGIL_E2E_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

async function inTheme(page: Page, theme: "dark" | "light"): Promise<void> {
  await page.evaluate((value) => localStorage.setItem("mantine-color-scheme-value", value), theme);
}

test("an administrator proposes, cannot decide, and a second person does: on the phone, by the dry-run", async ({
  browser,
}) => {
  test.setTimeout(240_000);
  const admin = await Operator.signIn(browser, vigil, "admin");
  const { page } = admin;
  await page.setViewportSize({ width: 1280, height: 800 });
  await inTheme(page, "light");

  await test.step("the catalogue says who decides what, and who holds it", async () => {
    await admin.goto("/policy?scope=payments%3Aexecute");
    await expect(region(page, "Scopes").getByRole("row", { name: /payments:execute/ })).toContainText(
      "1 approver",
    );
    await expect(region(page, "payments:execute")).toContainText("payments.*");
    await holdsUp(page, "/policy");
    await picture(page, "catalogue-light-wide");
  });

  await test.step("a change is written in the form, survives going elsewhere, and is compared", async () => {
    await page.getByRole("link", { name: "Propose a change" }).click();
    await page.getByRole("button", { name: /payments:execute/ }).click();
    await page.getByLabel("People").first().fill("2");
    await page.getByRole("textbox", { name: "Actions" }).fill("payments.*\n");
    await page.getByLabel("MEDIUM needs trust above").fill("0.6");
    await page.getByLabel("Reason").fill("Two people for money, as the risk committee asked");
    await admin.goto("/policy");
    await admin.goto("/policy/change");
    await expect(page.getByText("draft, kept in this tab")).toBeVisible();
    await expect(page.getByLabel("Reason")).toHaveValue("Two people for money, as the risk committee asked");
    await expect(page.getByText(/letters, digits/)).toBeVisible();
    await page.getByRole("button", { name: /payments:execute/ }).click();
    await page.getByRole("textbox", { name: "Actions" }).fill("payments.*");
    await page.getByRole("button", { name: "Compare" }).click();
    const changes = page.getByRole("list", { name: "What the draft changes" });
    await expect(changes.getByRole("listitem").filter({ hasText: "loosens" })).toContainText([
      "Agents need less trust.",
    ]);
    await expect(changes).toContainText("payments:execute gives up transfers.*");
    await holdsUp(page, "/policy/change");
    await picture(page, "change-light-wide");
    await page.setViewportSize({ width: 390, height: 844 });
    await holdsUp(page, "/policy/change on a phone");
    await picture(page, "change-light-narrow");
    await page.setViewportSize({ width: 1280, height: 800 });
    await inTheme(page, "dark");
    await admin.goto("/policy/change");
    await page.getByRole("button", { name: /payments:execute/ }).click();
    await holdsUp(page, "/policy/change, dark");
    await picture(page, "change-dark-wide");
    await inTheme(page, "light");
    await admin.goto("/policy/change");
  });

  await test.step("the JSON view says what is wrong and at which line", async () => {
    await page.getByText("JSON", { exact: true }).click();
    const json = page.getByRole("textbox", { name: "The policy as JSON" });
    const text = await json.inputValue();
    await json.fill(text.replace('"risk": "MEDIUM"', '"risk": "SOME"'));
    const line = text.split("\n").findIndex((it) => it.includes('"risk": "MEDIUM"')) + 1;
    await page
      .getByRole("button", { name: `Line ${line}` })
      .first()
      .click();
    await expect(json).toBeFocused();
    await picture(page, "json-light-wide");
    await json.fill(text);
  });

  await test.step("who proposed may withdraw and not approve, and reads why", async () => {
    await page.getByRole("button", { name: "Propose version 2" }).click();
    await expect(region(page, "Your decision")).toContainText("You proposed this yourself");
    await expect(page.getByRole("button", { name: /Approve as version/ })).toHaveCount(0);
    await picture(page, "proposal-of-ones-own-light-wide");
  });

  const officer = await Operator.signIn(browser, vigil, "compliance");
  await test.step("a second person tries it out and approves, on a phone", async () => {
    const phone = officer.page;
    await inTheme(phone, "dark");
    await officer.goto("/policy");
    await phone.setViewportSize({ width: 1280, height: 800 });
    await phone.getByRole("button", { name: "Run" }).click();
    await expect(region(phone, /Dry-run/)).toContainText("records were read");
    await holdsUp(phone, "/policy with a proposal, dark");
    await picture(phone, "proposal-dark-wide");
    await phone.setViewportSize({ width: 390, height: 844 });
    await holdsUp(phone, "/policy with a proposal on a phone");
    await picture(phone, "proposal-dark-narrow");
    await phone.getByLabel("Reason").fill("The committee's minutes say so");
    await phone.getByRole("button", { name: "Approve as version 2" }).click();
    await officer.confirmItIsMe();
    await expect(phone.getByText("version 2", { exact: true })).toBeVisible();
    await expect(region(phone, "From version 1 to version 2")).toContainText("Agents need less trust.");
    await picture(phone, "in-force-dark-narrow");
  });

  await test.step("the other browser hears of it by itself", async () => {
    await expect(page.getByText("version 2", { exact: true })).toBeVisible();
    await expect(region(page, "Versions")).toContainText("Two people for money");
  });
  for (const one of [admin, officer]) await one.page.context().close();
});
