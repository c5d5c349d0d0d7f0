import { randomUUID } from "node:crypto";
import { expect, type Page, test } from "@playwright/test";
import { Operator } from "./operator.ts";
import { Vigil } from "./vigil.ts";

const RULE = "batch-window";
/** An account of the demo that is made a second analyst. */
const SECOND = "approver2";
const vigil = new Vigil();

test.beforeAll(async () => {
  test.setTimeout(300_000);
  await vigil.start(["--demo", "--attack-after=86400"]);
});
test.afterAll(() => vigil.remove());

/** Alerts of one rule, each of a cause of its own. */
async function addAlerts(rule: string, count: number): Promise<void> {
  await vigil.asDatabaseOwner(async (client) => {
    for (let i = 0; i < count; i++)
      await client.query(
        `insert into alerts (id, agent_id, kind, rule, cause, severity, title, detail, opened_at, last_seen_at)
         select $1, id, 'rule', $2, $3, 'medium', $4, '{}', now() - make_interval(secs => $5), now()
         from agents where name = 'payment-analyzer-003'`,
        [randomUUID(), rule, `${rule}-${i}`, `${rule}: number ${i}`, i],
      );
  });
}

const statuses = async (rule: string) => {
  const query = new URLSearchParams({ rule, limit: "200" });
  const { alerts } = await vigil.api<{
    alerts: { status: string; disposition: string | null; number: number }[];
  }>(`/alerts?${query}`);
  return alerts;
};
const rowsOf = (page: Page) => page.getByRole("table", { name: "Alerts" }).locator("tbody tr");

test("an analyst triages twenty alerts with the keyboard alone", async ({ browser }) => {
  await addAlerts(RULE, 20);
  const { page } = await Operator.signIn(browser, vigil, "analyst");
  await page.goto(`${vigil.url}/alerts?q=rule:${RULE}`);
  await expect(rowsOf(page)).toHaveCount(20);
  // From here on only keys are pressed.
  await page.keyboard.press("j");
  await expect(page.locator("[data-row-link]").first()).toBeFocused();
  for (let i = 0; i < 4; i++) {
    await page.keyboard.press("e");
    await expect(rowsOf(page).nth(i)).toContainText("acknowledged");
    await page.keyboard.press("j");
  }
  // Four more are one choice: the first with x, the last with Shift and x.
  await page.keyboard.press("x");
  for (let i = 0; i < 3; i++) await page.keyboard.press("j");
  await page.keyboard.press("Shift+X");
  await expect(page.getByRole("region", { name: "Chosen alerts" })).toContainText("4 chosen");
  await page.keyboard.press("c");
  const dialog = page.getByRole("dialog", { name: "Close with verdict: 4 alerts" });
  await expect(dialog.getByLabel("Reason")).toBeFocused();
  await page.keyboard.type("The batch window was moved, change 4711");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Control+Enter");
  await expect(dialog).toBeHidden();
  await expect(rowsOf(page)).toHaveCount(16);
  // The row that took their place has the focus: one by one, then everything that is left.
  await expect(page.locator("[data-row-link]").nth(4)).toBeFocused();
  await page.keyboard.press("s");
  const suppress = page.getByRole("dialog", { name: /Suppress until: AL-/ });
  await expect(suppress.getByLabel("Reason")).toBeFocused();
  await page.keyboard.type("Known until the release on Friday");
  await page.keyboard.press("Control+Enter");
  await expect(suppress).toBeHidden();
  await expect(rowsOf(page)).toHaveCount(15);
  await expect(page.getByRole("table", { name: "Suppressed now" })).toContainText(RULE);
  await page.keyboard.press("x");
  const all = page.getByRole("button", { name: "Choose all 15 that match" });
  await all.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /^Close with verdict/ }).focus();
  await page.keyboard.press("Enter");
  const many = page.getByRole("dialog", { name: "Close with verdict: all 15 that match" });
  await expect(many.getByLabel("Reason")).toBeFocused();
  await page.keyboard.type("The same change");
  await page.keyboard.press("Control+Enter");
  await expect(many).toBeHidden();
  await expect(page.getByText("Nothing matches")).toBeVisible();
  const judged = await statuses(RULE);
  expect(judged.filter(({ status }) => status === "closed")).toHaveLength(20);
  expect(judged.filter(({ disposition }) => disposition === "benign")).toHaveLength(4);
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  for (const words of ["Alert: Acknowledge", "Alert: Suppress until", "Choose all rows up to this one"])
    await expect(sheet).toContainText(words);
  await page.context().close();
});

test("two analysts close one alert: the second reads who was first, and how", async ({ browser }) => {
  await vigil.asDatabaseOwner((client) =>
    client.query(`update users set roles = 'analyst' where email = '${SECOND}@demo.bank'`),
  );
  await addAlerts("contested", 1);
  const [contested] = await statuses("contested");
  const first = await Operator.signIn(browser, vigil, "analyst");
  const second = await Operator.signIn(browser, vigil, SECOND);
  const close = async ({ page }: Operator, verdict: RegExp) => {
    await page.goto(`${vigil.url}/alerts/${contested?.number}`);
    await page.getByRole("button", { name: "Close with verdict…" }).click();
    const dialog = page.getByRole("dialog", { name: /^Close with verdict: AL-/ });
    await dialog.getByLabel(verdict).check();
    await dialog.getByLabel("Reason").fill("Looked at the batch plan");
    return dialog;
  };
  const [won, lost] = [await close(first, /^Benign/), await close(second, /^True positive/)];
  await won.getByRole("button", { name: "Close with verdict" }).click();
  await expect(won).toBeHidden();
  await lost.getByRole("button", { name: "Close with verdict" }).click();
  await expect(lost.getByRole("alert")).toContainText("analyst@demo.bank closed it as benign");
  expect((await statuses("contested"))[0]?.disposition).toBe("benign");
  for (const { page } of [first, second]) await page.context().close();
});

test("new alerts wait behind a pill and move no row; a query that cannot be read is pointed at", async ({
  browser,
}) => {
  await addAlerts("moving", 3);
  const { page } = await Operator.signIn(browser, vigil, "analyst");
  await page.goto(`${vigil.url}/alerts?q=rule:moving*`);
  await expect(rowsOf(page)).toHaveCount(3);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  const focused = await page.locator(":focus").textContent();
  await addAlerts("moving-on", 2);
  await vigil.asDatabaseOwner((client) => client.query(`select pg_notify('vigil', 'alert:new')`));
  await expect(page.getByRole("button", { name: /^2 new/ })).toBeVisible();
  await expect(rowsOf(page)).toHaveCount(3);
  await expect(page.locator(":focus")).toHaveText(focused ?? "");
  await page.keyboard.press(".");
  await expect(rowsOf(page)).toHaveCount(5);
  await expect(page.getByRole("region", { name: "Chosen alerts" })).toContainText("1 chosen");
  await page.getByRole("textbox", { name: "Query" }).fill("rule:moving* severity:odd");
  await page.keyboard.press("Enter");
  await expect(
    page.getByText("At character 23: severity is one of low, medium, high, critical."),
  ).toBeVisible();
  await page.getByRole("textbox", { name: "Query" }).fill("rule:moving* not rule:moving-on");
  await page.keyboard.press("Enter");
  await expect(rowsOf(page)).toHaveCount(3);
  await page.getByRole("button", { name: "Take out not rule:moving-on" }).click();
  await expect(rowsOf(page)).toHaveCount(5);
  await expect(page).toHaveURL(/q=rule%3Amoving\*$/);
  await page.context().close();
});
