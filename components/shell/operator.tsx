"use client";

import { createContext, type ReactNode, useContext } from "react";
import { type Permission, permits } from "#server/access/permissions.ts";

/** Who is signed in, as the screens need it, and the installation they look at. */
export type Operator = {
  id: string;
  name: string;
  email: string;
  roles: readonly string[];
  hasTotp: boolean;
  /** `demo` or `live`. */
  installation: string;
  /** The bank's own zone, shown beside UTC where the law counts local days. */
  timeZone: string;
};

const Current = createContext<Operator | null>(null);

/** Gives the page the person it is for. */
export function OperatorProvider({ operator, children }: { operator: Operator; children: ReactNode }) {
  return <Current.Provider value={operator}>{children}</Current.Provider>;
}

/** The person signed in. @throws Error outside the console's pages. */
export function useOperator(): Operator {
  const operator = useContext(Current);
  if (!operator) throw new Error("useOperator is used outside OperatorProvider");
  return operator;
}

/** Whether the person may do this; the server decides again at every call. */
export function usePermits(permission: Permission): boolean {
  return permits(useOperator().roles, permission);
}
