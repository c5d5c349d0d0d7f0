import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import path from "node:path";
import { expect, test } from "@playwright/test";
import { freePort, Vigil } from "./vigil.ts";

const vigil = new Vigil();
const PASSWORD = "a-long-enough-passphrase";

test.afterAll(() => vigil.remove());

test("an empty console is opened by its one-time link, once, and finds its data again", async ({ page }) => {
  await vigil.start([]);
  const link = /http:\/\/\S+\/setup\?token=\S+/.exec(vigil.said)?.[0] ?? "";
  expect(link).not.toBe("");
  await createAdministrator("First Administrator", "first@bank.example");
  await signIn();
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();

  await page.context().clearCookies();
  await createAdministrator("Second Administrator", "second@bank.example");
  await expect(page.getByRole("alert").filter({ hasText: /link/i })).toBeVisible();

  expect(await vigil.stop()).toBe(0);
  await vigil.start([]);
  expect(vigil.said).not.toContain("/setup?token=");
  await page.goto(vigil.url);
  await signIn();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();

  async function createAdministrator(name: string, email: string) {
    await page.goto(link);
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("E-mail").fill(email);
    await page.getByRole("textbox", { name: "Password", exact: true }).fill(PASSWORD);
    await page.getByRole("textbox", { name: "Password again" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Create administrator" }).click();
  }

  async function signIn() {
    await page.waitForURL(/sign-in/);
    await page.getByLabel("E-mail").fill("first@bank.example");
    await page.getByRole("textbox", { name: "Password", exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
  }
});

test("the demo bank is never mixed into a real console, and a taken port is one clear line", async () => {
  await vigil.stop();
  const ports = {
    VIGIL_CONSOLE_PORT: String(await freePort()),
    VIGIL_GATEWAY_PORT: String(await freePort()),
    VIGIL_ENROL_PORT: String(await freePort()),
  };
  const start = (args: string[], env: Record<string, string>) =>
    spawnSync(path.resolve("node_modules/.bin/node"), ["server/main.ts", ...args], {
      encoding: "utf8",
      timeout: 60_000,
      env: {
        ...process.env,
        VIGIL_DATA_DIR: vigil.dataDir,
        ...ports,
        ...env,
      },
    });
  const mixed = start(["--demo"], {});
  expect(mixed.status).toBe(1);
  expect(mixed.stderr).toContain("holds a real console, and the demo bank is never mixed into one");

  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, resolve));
  const address = holder.address();
  const port = typeof address === "object" && address ? String(address.port) : "";
  const taken = start([], { VIGIL_GATEWAY_PORT: port });
  holder.close();
  expect(taken.status).toBe(1);
  expect(taken.stderr).toContain(
    `port ${port} is in use. End the program that holds it, or set VIGIL_GATEWAY_PORT`,
  );
});
