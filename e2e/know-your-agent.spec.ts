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

const factsOf = (page: Page) => page.getByRole("region", { name: "Facts" });
const levelInList = (page: Page, agent: string) => page.getByRole("row", { name: new RegExp(agent) });

test("a platinum that is only claimed is shown as nothing, in the list, the head and the facts", async ({
  browser,
}) => {
  const { page } = await Operator.signIn(browser, vigil, "auditor");
  await page.goto(`${vigil.url}/agents`);
  await expect(levelInList(page, "chat-assist-014")).toContainText("no level");
  await expect(levelInList(page, "chat-assist-014")).not.toContainText("platinum");
  await page.goto(`${vigil.url}/agents/chat-assist-014`);
  await expect(factsOf(page)).toContainText("Claimed: platinum. Attested: none.");
  await expect(page.getByText("platinum level")).toHaveCount(0);
  await expect(factsOf(page).getByRole("button", { name: /^(Attest|Withdraw|State|Change)/ })).toHaveCount(0);
});

test("a level falls with a withdrawal before everybody's eyes, and comes back with a second look", async ({
  browser,
}) => {
  const analyst = await Operator.signIn(browser, vigil, "analyst");
  const compliance = await Operator.signIn(browser, vigil, "compliance");
  for (const { page } of [analyst, compliance]) {
    await page.goto(`${vigil.url}/agents/${AGENT}`);
    await expect(factsOf(page)).toContainText("Claimed: gold. Attested: gold.");
  }
  await compliance.page
    .getByRole("button", { name: "Withdraw the attestation of data access as compliance" })
    .click();
  const dialog = compliance.page.getByRole("dialog", { name: "Withdraw an attestation" });
  await dialog.getByLabel("Reason").fill("The ledger holds salaries since Monday");
  await dialog.getByRole("button", { name: "Withdraw" }).click();
  await compliance.confirmItIsMe();
  for (const { page } of [analyst, compliance]) {
    await expect(factsOf(page)).toContainText("Claimed: gold. Attested: bronze.");
    await expect(factsOf(page)).toContainText(
      "Withdrawn by Claire Okafor: The ledger holds salaries since Monday",
    );
  }

  await analyst.page.getByRole("button", { name: "Change data access" }).click();
  const state = analyst.page.getByRole("dialog", { name: "State: data access" });
  await state.getByLabel("Data sources").fill("salaries");
  await state.getByLabel("Data sources").press("Enter");
  await state.getByRole("button", { name: "State", exact: true }).click();
  await expect(state).toBeHidden();
  await attestDataAccess(compliance, "compliance", false);
  await compliance.page.context().close();
  const owner = await Operator.signIn(browser, vigil, "admin");
  await owner.page.goto(`${vigil.url}/agents/${AGENT}`);
  await attestDataAccess(owner, "business owner", true);
  await expect(factsOf(analyst.page)).toContainText("Claimed: gold. Attested: gold.");
  await expect(
    factsOf(analyst.page).getByText("You stated this yourself; somebody else must attest it."),
  ).toBeVisible();
});

async function attestDataAccess(by: Operator, authority: string, asksForCode: boolean) {
  await expect(factsOf(by.page)).toContainText("ledger, salaries");
  await by.page.getByRole("button", { name: `Attest data access as ${authority}` }).click();
  await by.page.getByRole("dialog").getByRole("button", { name: "Attest", exact: true }).click();
  if (asksForCode) await by.confirmItIsMe();
}
