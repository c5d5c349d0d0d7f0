import { connection } from "next/server";
import type { ReactNode } from "react";
import { ConsoleShell } from "#components/shell/console-shell.tsx";
import { requireOperator } from "../operator.ts";

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  await connection();
  const operator = await requireOperator();
  return (
    <ConsoleShell operator={operator} renderedAtMs={Date.now()}>
      {children}
    </ConsoleShell>
  );
}
