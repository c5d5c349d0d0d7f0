import { expect, test } from "@playwright/test";
import { Operator } from "./operator.ts";
import { Vigil } from "./vigil.ts";

const ATTACKED = "payment-analyzer-003";
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

test("an analyst finds the agent that passed the lines, and what its score was made of, minute by minute", async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const { page } = await Operator.signIn(browser, vigil, "analyst");
  await page.goto(`${vigil.url}/behaviour`);
  const strip = page.getByRole("region", { name: "What passed the lines" });
  await expect(strip.locator("svg circle").first()).toBeVisible({ timeout: 20_000 });
  await strip.getByRole("button", { name: "View as table" }).click();
  const row = strip.getByRole("row").filter({ hasText: ATTACKED }).first();
  await expect(row).toContainText(/0\.9\d/);
  const budget = page.getByRole("table", { name: "False-alarm budget" });
  await expect(budget.getByRole("row").nth(3)).toContainText("0.9 – contained");
  await row.getByRole("link", { name: ATTACKED }).click();

  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Behaviour of ${ATTACKED}`);
  const score = page.getByRole("region", { name: "Score", exact: true });
  const tables = score.getByRole("button", { name: "View as table" });
  await expect(tables).toHaveCount(2, { timeout: 20_000 });
  await tables.last().click();
  const parts = score.getByRole("region", { name: /What the score was made of/ });
  const numbers = (await parts.getByRole("row").nth(1).getByRole("cell").allTextContents()).slice(1);
  const [whole, ...of] = numbers.map((text) => (text === "—" ? 0 : Number(text)));
  expect(whole).toBeGreaterThan(0.9);
  // Each part is cut to two digits, never rounded up.
  expect(of.reduce((sum, part) => sum + part, 0)).toBeGreaterThan((whole ?? 0) - 0.01 * of.length);
  await page.context().close();
});

test("a stretch is zoomed by buttons and by drawing, and a copied link shows the same", async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const { page } = await Operator.signIn(browser, vigil, "analyst");
  await page.goto(`${vigil.url}/agents/${ATTACKED}/behaviour?range=7+d`);
  const stretch = page.getByRole("group", { name: "Stretch of time" });
  const lengthOf = () => {
    const { searchParams } = new URL(page.url());
    return Date.parse(searchParams.get("to") ?? "") - Date.parse(searchParams.get("from") ?? "");
  };
  await stretch.getByRole("button", { name: "Zoom in" }).press("Enter");
  await expect.poll(lengthOf).toBe(84 * 3_600_000);
  const zoomed = page.url();
  await stretch.getByRole("button", { name: "Earlier" }).press("Enter");
  await expect.poll(() => page.url()).not.toBe(zoomed);
  await expect(stretch).toContainText("(fixed)");
  const link = page.url();
  const other = await page.context().newPage();
  await other.goto(link);
  const shown = await stretch.textContent();
  await expect(other.getByRole("group", { name: "Stretch of time" })).toHaveText(shown ?? "");
  await other.close();

  const chart = page
    .getByRole("region", { name: "Features against what is usual" })
    .locator("svg.recharts-surface")
    .first();
  await expect(chart).toBeVisible({ timeout: 20_000 });
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  if (!box) throw new Error("the chart has no place on the page");
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.45, box.y + box.height / 2, { steps: 5 });
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
  await expect.poll(lengthOf).toBeLessThan(60 * 3_600_000);
  await page.context().close();
});
