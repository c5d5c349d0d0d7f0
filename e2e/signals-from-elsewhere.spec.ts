import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { Operator } from "./operator.ts";
import { Vigil } from "./vigil.ts";

const AGENT = "payment-analyzer-003";
const HOSTILE = "<img src=x onerror=document.title='owned'>";
const vigil = new Vigil();

test.beforeAll(async () => {
  test.setTimeout(300_000);
  await vigil.start(["--demo", "--attack-after=86400"]);
});
test.afterAll(() => vigil.remove());

const event = (agent: string, rule: string) => ({
  ...{ hostname: "node-1", output: `${rule} by ${agent}`, priority: "Critical", rule, source: "syscall" },
  ...{ tags: ["T1059", "mitre_execution"], time: new Date().toISOString() },
  output_fields: { "vigil.agent": agent, "proc.cmdline": "sh" },
});

test("an administrator lets falcosidekick in, and what it tells is an agent's alert or a finding", async ({
  browser,
}) => {
  const admin = await Operator.signIn(browser, vigil, "admin");
  const { page } = admin;
  const asked: string[] = [];
  page.on("dialog", (dialog) => asked.push(dialog.message()));
  await admin.goto("/settings");
  await page.getByRole("button", { name: "New source…" }).click();
  const making = page.getByRole("dialog", { name: "New source of signals" });
  await making.getByLabel("Name").fill("falco-cluster-1");
  await making.getByRole("button", { name: "Make source" }).click();
  await admin.confirmItIsMe();
  const secret = (await making.locator("code").textContent()) ?? "";
  expect(secret).toMatch(/^vsig_/);
  await making.getByRole("button", { name: "Done" }).click();
  const row = page.getByRole("row", { name: /falco-cluster-1/ }).first();
  await expect(row).toContainText("not heard yet");

  const send = (body: unknown, bearer = secret) =>
    fetch(`${vigil.url}/api/hooks/falco-cluster-1`, {
      method: "POST",
      headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  expect((await send(event(AGENT, "Shell"), `${secret}x`)).status).toBe(401);
  const sent = event(AGENT, "Shell in a container");
  expect((await send(sent)).status).toBe(200);
  expect(await (await send(sent)).json()).toMatchObject({ signals: [{ outcome: "mapped", repeated: true }] });
  expect((await send(event(HOSTILE, "Ghost"))).status).toBe(200);
  await expect(row).toContainText("heard");

  const newest = page.getByRole("table", { name: "Newest signals" });
  await expect(newest.getByRole("row", { name: /Shell in a container/ })).toContainText(AGENT);
  await newest.getByRole("button", { name: "Open the signal Ghost" }).click();
  const signal = page.getByRole("dialog", { name: "Signal" });
  await expect(signal).toContainText(HOSTILE);
  await expect(signal.getByRole("region", { name: "Payload" })).toContainText("mitre_execution");
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Open falco-cluster-1" }).click();
  const detail = page.getByRole("dialog", { name: "falco-cluster-1" });
  await expect(detail).toContainText("1 mapped, 1 without an agent");
  await detail.getByRole("button", { name: "Send a trial" }).click();
  await expect(detail.getByRole("status")).toContainText("unmapped");
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag22aa"]).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`)).toEqual([]);
  await detail.getByRole("button", { name: "Turn off…" }).click();
  const off = page.getByRole("dialog", { name: "Turn off falco-cluster-1" });
  await off.getByLabel("Why").fill("The cluster is gone");
  await off.getByRole("button", { name: "Turn off" }).click();
  await expect(row).toContainText("off");
  expect((await send(event(AGENT, "Shell"))).status).toBe(403);

  await admin.goto("/shadow-agents");
  await expect(page.getByText(HOSTILE).first()).toBeVisible();
  expect(asked).toEqual([]);
  expect(await page.title()).not.toBe("owned");
});
