import { expect, test } from "@playwright/test";
import { Operator } from "./operator.ts";
import { Vigil } from "./vigil.ts";

const ATTACK_AFTER_SECONDS = 45;
const TAKEN_OVER = "payment-analyzer-003";
const vigil = new Vigil();

test.afterAll(() => vigil.remove());

test("from a live fleet through containment and determination to a trail that shows one changed byte", async ({
  browser,
}) => {
  test.setTimeout(600_000);
  await vigil.start(["--demo", `--attack-after=${ATTACK_AFTER_SECONDS}`]);
  let analyst = await Operator.signIn(browser, vigil, "analyst");

  await test.step("agents are seen live", async () => {
    await analyst.goto("/agents");
    const row = analyst.page.getByRole("row", { name: /aml-monitor-005/ });
    await expect(row).toContainText("active");
    await analyst.goto("/audit");
    const records = analyst.page.getByRole("row", { name: /agent\.actions/ });
    const newest = await records.first().textContent();
    await expect.poll(() => records.first().textContent()).not.toBe(newest);
  });

  await test.step("an elevated scope is approved by a second person, with the second factor", async () => {
    const approver = await Operator.signIn(browser, vigil, "approver1");
    await approver.goto("/approvals");
    await approver.page
      .getByRole("link", { name: /customer:sensitive_data/ })
      .first()
      .click();
    await approver.page.getByLabel("Reason").fill("Income checks for the review of open applications");
    await approver.page.getByRole("button", { name: /^Approve for/ }).click();
    await approver.confirmItIsMe();
    await expect(approver.page.getByText("approved", { exact: true }).first()).toBeVisible();
    const { grants } = await vigil.api<{ grants: { scope: string; expiresAt: string | null }[] }>(
      "/grants?agent=loan-underwriter-004",
    );
    const granted = grants.find(({ scope }) => scope === "customer:sensitive_data");
    expect(Date.parse(granted?.expiresAt ?? "")).toBeGreaterThan(Date.now());
    await approver.page.context().close();
  });

  await test.step("the agent that is taken over is contained while the analyst watches", async () => {
    await analyst.goto(`/agents/${TAKEN_OVER}`);
    await expect(analyst.page.getByText("contained", { exact: true }).first()).toBeVisible({
      timeout: 90_000,
    });
    await analyst.goto("/incidents/1");
    await expect(analyst.page.getByRole("heading", { level: 1 })).toContainText(TAKEN_OVER);
    await expect(analyst.page.getByText(/connections? (was|were) cut/).first()).toBeVisible();
    await expect(analyst.page.getByText(/DENY_ALL is in force/).first()).toBeVisible();
  });

  await test.step("an authorised person determines the incident notifiable", async () => {
    const compliance = await Operator.signIn(browser, vigil, "compliance");
    await compliance.goto("/incidents/1");
    await expect(compliance.page.getByText("No clock runs")).toBeVisible();
    await compliance.page.getByRole("button", { name: "Determine…" }).click();
    const form = compliance.page.getByRole("dialog", { name: /^Determination/ });
    await form
      .getByRole("radiogroup", { name: /actual harm/ })
      .getByLabel("yes")
      .check();
    await form.getByLabel("Facts about the harm").fill("Payment details were read by a stranger.");
    for (const limb of await form.getByRole("radiogroup").all()) {
      const no = limb.getByLabel("no", { exact: true });
      if ((await no.count()) > 0 && !(await limb.getByLabel("yes", { exact: true }).count()))
        await no.check();
    }
    for (const facts of await form.getByRole("textbox", { name: /^Facts: / }).all())
      await facts.fill("Established by the on-call team.");
    await form.getByRole("radio", { name: "reasonably likely" }).first().check();
    await form.getByRole("radio", { name: "It is a notification incident" }).check();
    await form
      .getByRole("textbox", { name: "Reason" })
      .fill("A material portion of payment customers is reasonably likely to be affected.");
    await form.getByRole("button", { name: "Determine and start the clock" }).click();
    await compliance.confirmItIsMe();
    await expect(form).toBeHidden();
    await expect(compliance.page.getByText("must be notified").first()).toBeVisible();
    await compliance.page.context().close();
  });

  const strip = () => analyst.page.getByRole("link", { name: /INC-0001.*left/ });
  await test.step("the countdown runs on another page, on server time", async () => {
    await analyst.goto("/agents");
    await expect(strip()).toContainText(/35:59:\d\d/);
    const shown = await strip().textContent();
    await expect.poll(() => strip().textContent()).not.toBe(shown);
  });

  const dueBefore = await dueAt();
  await test.step("it survives a restart of all processes", async () => {
    expect(await vigil.stop()).toBe(0);
    await vigil.start(["--demo", "--attack-after=86400"]);
    expect(await dueAt()).toBe(dueBefore);
    await analyst.page.context().close();
    analyst = await Operator.signIn(browser, vigil, "analyst");
    await expect(strip()).toContainText(/35:5\d:\d\d/);
  });

  const verify = async () => {
    await analyst.goto("/audit");
    const before = await latestRun();
    await analyst.page.getByRole("button", { name: "Verify now" }).click();
    await expect.poll(latestRun, { timeout: 60_000 }).not.toBe(before);
  };
  await test.step("the chain verifies: green", async () => {
    await verify();
    await expect(analyst.page.getByText("clean", { exact: true }).first()).toBeVisible();
    await expect(analyst.page.getByRole("list", { name: "Findings" })).toBeHidden();
  });

  await test.step("one byte of one record is changed in PostgreSQL: red, and the record is named", async () => {
    const victim = await vigil.asDatabaseOwner(async (client) => {
      const { rows } = await client.query(
        "select c.seq, r.id from audit_chain c join audit_records r on r.id = c.record_id where r.kind = 'agent.contained'",
      );
      await client.query("set session_replication_role = replica");
      await client.query(
        "update audit_records set body = set_byte(body, 40, get_byte(body, 40) # 1) where id = $1",
        [rows[0].id],
      );
      return rows[0] as { seq: string; id: string };
    });
    await verify();
    const findings = analyst.page.getByRole("list", { name: "Findings" });
    await expect(findings).toContainText(new RegExp(`\\b${Number(victim.seq).toLocaleString("en-GB")}\\b`));
    await expect(findings.getByRole("link", { name: "Open the record" }).first()).toHaveAttribute(
      "href",
      `/audit/${victim.id}`,
    );
    await expect(findings.getByRole("listitem")).toHaveCount(1);
  });

  async function dueAt(): Promise<string> {
    return vigil.asDatabaseOwner(async (client) => {
      const { rows } = await client.query("select due_at from clocks where status = 'running'");
      expect(rows).toHaveLength(1);
      return rows[0].due_at.toISOString();
    });
  }

  async function latestRun(): Promise<string | null> {
    return vigil.asDatabaseOwner(async (client) => {
      const { rows } = await client.query(
        "select id from verification_runs where finished_at is not null order by requested_at desc limit 1",
      );
      return rows[0]?.id ?? null;
    });
  }
});
