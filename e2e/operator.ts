import { type Browser, expect, type Page } from "@playwright/test";
import { freshCode } from "./one-time-code.ts";
import type { Vigil } from "./vigil.ts";

/** One person in a browser of their own. */
export class Operator {
  readonly page: Page;
  readonly #vigil: Vigil;
  readonly #usedCodes = new Set<string>();

  private constructor(page: Page, vigil: Vigil) {
    this.page = page;
    this.#vigil = vigil;
  }

  /** Opens a browser, and signs in as one of the demo's accounts. */
  static async signIn(browser: Browser, vigil: Vigil, account: string): Promise<Operator> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${vigil.url}/sign-in`);
    await page.getByLabel("E-mail").fill(`${account}@demo.bank`);
    await page.getByRole("textbox", { name: "Password" }).fill(vigil.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
    return new Operator(page, vigil);
  }

  async goto(route: string): Promise<void> {
    await this.page.goto(`${this.#vigil.url}${route}`);
  }

  /** Enters a code of the authenticator where the console asks for it. */
  async confirmItIsMe(): Promise<void> {
    const dialog = this.page.getByRole("dialog", { name: "Confirm that it is you" });
    await expect(dialog).toBeVisible();
    await dialog
      .getByLabel("Authenticator code")
      .fill(await freshCode(this.#vigil.totpSeed, this.#usedCodes));
    await expect(dialog).toBeHidden();
  }
}
