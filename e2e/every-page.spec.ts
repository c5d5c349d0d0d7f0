import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { Operator } from "./operator.ts";
import { Vigil } from "./vigil.ts";

const PAGES = [
  "/",
  "/agents",
  "/shadow-agents",
  "/agents/payment-analyzer-003",
  "/agents/payment-analyzer-003/behaviour",
  "/enrol-agent",
  "/behaviour",
  "/alerts",
  "/alerts/1",
  "/rules",
  "/rules?rule=bulk-read-then-post",
  "/rules/change",
  "/rules/change?rule=excessive-api-calls",
  "/maintenance",
  "/approvals",
  "/grants",
  "/grants?show=unused",
  "/incidents",
  "/incidents/1",
  "/audit",
  "/isolation",
  "/rotation",
  "/authorities",
  "/policy",
  "/policy/change",
  "/break-glass",
  "/duties",
  "/clocks?regime=dora-initial&anchors=aware=2026-03-27T10:00Z,classified=2026-03-28T08:00Z",
  "/settings",
];
const PHONE_PAGES = [
  "/",
  "/approvals",
  "/grants",
  "/break-glass",
  "/policy",
  "/rules",
  "/incidents",
  "/incidents/1",
];
const WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const vigil = new Vigil();

test.beforeAll(async () => {
  test.setTimeout(300_000);
  await vigil.start(["--demo", "--attack-after=1"]);
  await expect
    .poll(async () => (await vigil.api<{ incidents: unknown[] }>("/incidents")).incidents.length, {
      timeout: 60_000,
    })
    .toBe(1);
});
test.afterAll(() => vigil.remove());

for (const theme of ["dark", "light"] as const)
  test(`every page works in the ${theme} theme: no error in the console, no WCAG 2.2 AA violation, nothing cut off`, async ({
    browser,
  }) => {
    test.setTimeout(300_000);
    const { page } = await Operator.signIn(browser, vigil, theme === "dark" ? "analyst" : "admin");
    await page.evaluate((value) => localStorage.setItem("mantine-color-scheme-value", value), theme);
    await page.setViewportSize({ width: 1280, height: 800 });
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    const [approval] = (await vigil.api<{ approvals: { id: string }[] }>("/approvals")).approvals;
    for (const route of [...PAGES, `/approvals/${approval?.id}`]) {
      await page.goto(vigil.url + route);
      await expect(page.locator("main h1, main h2").first()).toBeVisible();
      await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
      await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", theme);
      const { violations } = await new AxeBuilder({ page }).withTags(WCAG_2_2_AA).analyze();
      const found = violations.map(
        ({ id, nodes }) => `${route}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
      );
      expect.soft(found, route).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect.soft(overflow, `${route} is wider than the window`).toBeLessThanOrEqual(0);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });

test("an approver decides on a phone: nothing is cut off and the buttons can be reached", async ({
  browser,
}) => {
  const { page } = await Operator.signIn(browser, vigil, "approver1");
  await page.setViewportSize({ width: 390, height: 844 });
  for (const route of PHONE_PAGES) {
    await page.goto(vigil.url + route);
    await expect(page.locator("main h1, main h2").first()).toBeVisible();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect.soft(overflow, `${route} is wider than the phone`).toBeLessThanOrEqual(0);
  }
  await page.goto(`${vigil.url}/approvals`);
  await page
    .getByRole("link", { name: /customer:sensitive_data/ })
    .first()
    .click();
  await page.getByRole("textbox", { name: "Reason" }).fill("Not while its owner is away");
  const deny = page.getByRole("button", { name: "Deny" });
  const box = await deny.boundingBox();
  expect(box?.height).toBeGreaterThanOrEqual(24);
  await expect(deny).toBeEnabled();
  await page.context().close();
});

test("a page that someone may not see, or that does not exist, says so", async ({ browser }) => {
  const { page } = await Operator.signIn(browser, vigil, "auditor");
  const missing = await page.goto(`${vigil.url}/agents/no-such-agent`);
  expect(missing?.status()).toBeLessThan(500);
  await expect(page.getByText(/no such agent|not found|there is no/i).first()).toBeVisible();
  await page.goto(`${vigil.url}/incidents/1`);
  await expect(page.getByRole("button", { name: "Determine…" })).toHaveCount(0);
  await page.context().close();
});
