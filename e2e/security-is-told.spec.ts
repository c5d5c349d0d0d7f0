import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "@playwright/test";
import { verifyDelivery } from "../server/integrations/webhook/sign-delivery.ts";
import { Operator } from "./operator.ts";
import { Vigil } from "./vigil.ts";

const AGENT = "report-writer-007";
const vigil = new Vigil();
const received: { signature: string; body: string }[] = [];
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    received.push({
      signature: String(request.headers["vigil-signature"]),
      body: Buffer.concat(chunks).toString("utf8"),
    });
    response.writeHead(204).end();
  });
});

test.beforeAll(async () => {
  test.setTimeout(300_000);
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  await vigil.start(["--demo", "--attack-after=86400"]);
});
test.afterAll(async () => {
  receiver.close();
  await vigil.remove();
});

test("a person contains an agent by hand, and the bank's own system is told by a signed message", async ({
  browser,
}) => {
  const admin = await Operator.signIn(browser, vigil, "admin");
  await admin.goto("/settings");
  await admin.page.getByRole("button", { name: "New webhook…" }).click();
  const dialog = admin.page.getByRole("dialog", { name: "New webhook" });
  await dialog.getByLabel("Name").fill("pager");
  await dialog
    .getByLabel("Address")
    .fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`);
  await dialog.getByLabel("It is inside the bank's network").check();
  await dialog.getByRole("button", { name: "Add webhook" }).click();
  await admin.confirmItIsMe();
  const secret = (await dialog.locator("code").textContent()) ?? "";
  expect(secret).toMatch(/^whsec_/);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(admin.page.getByRole("row", { name: /pager/ })).toContainText("all delivered");

  const analyst = await Operator.signIn(browser, vigil, "analyst");
  await analyst.goto(`/agents/${AGENT}`);
  await analyst.page.getByRole("button", { name: "Contain…" }).click();
  const contain = analyst.page.getByRole("dialog", { name: `Contain ${AGENT}` });
  const confirm = contain.getByRole("button", { name: `Contain ${AGENT}` });
  await contain.getByLabel("Reason").fill("Its reports name customers they should not");
  await contain.getByLabel("Name of the agent").fill("report-writer");
  await expect(confirm).toBeDisabled();
  await contain.getByLabel("Name of the agent").fill(AGENT);
  await confirm.click();
  await expect(analyst.page.getByText("contained", { exact: true }).first()).toBeVisible();

  await expect
    .poll(() => received.find(({ body }) => body.includes(AGENT)), { timeout: 30_000 })
    .toBeTruthy();
  for (const { signature, body } of received) {
    expect(verifyDelivery(secret, signature, body, new Date())).toBe(true);
    expect(verifyDelivery(secret, signature, `${body} `, new Date())).toBe(false);
  }
  await admin.page.reload();
  await expect(admin.page.getByRole("row", { name: /pager/ })).toContainText("all delivered");
});
