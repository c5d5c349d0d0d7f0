import { execFile, execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Credential } from "../../../agent/state.ts";

/** Whether the real openssl is here. */
export const hasOpenssl = isThere("openssl", ["version"]);

export function isThere(program: string, args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A TLS client of the test's choice: openssl's own, with nothing of ours in it. */
export function sClient(
  folder: string,
  to: { port: number; rootPem: string; credential: Pick<Credential, "keyPem" | "certificatePem"> | null },
  args: string[],
  input: { text: string; commands?: boolean },
): Promise<string> {
  const file = (name: string, text: string) => {
    const at = path.join(folder, `s-client-${name}.pem`);
    writeFileSync(at, text, { mode: 0o600 });
    return at;
  };
  const { credential } = to;
  const own = credential
    ? ["-cert", file("cert", credential.certificatePem), "-key", file("key", credential.keyPem)]
    : [];
  return new Promise((resolve) => {
    const child = execFile(
      "openssl",
      [
        "s_client",
        ...["-connect", `localhost:${to.port}`, "-servername", "localhost"],
        ...["-CAfile", file("root", to.rootPem), "-verify_return_error", ...own, ...args],
        // Reads on when its input has ended, and then takes no commands such as R.
        ...(input.commands ? [] : ["-ign_eof"]),
      ],
      { timeout: 10_000 },
      (_error, out, err) => resolve(out + err),
    );
    child.stdin?.on("error", () => undefined);
    child.stdin?.write(input.text);
    if (!input.commands) child.stdin?.end();
  });
}
