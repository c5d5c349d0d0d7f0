"use client";

import { useCallback, useEffect, useState } from "react";
import { z } from "zod";
import type { ScopePolicy } from "#server/layers/authorization/policy-schema.ts";
import { draftOf, type PolicyDraft } from "./policy-draft.ts";

const KEY = "vigil-policy-draft";
const kept = z.object({ baseVersion: z.number().int(), text: z.string().max(2_000_000), reason: z.string() });

/**
 * The change that is being written, kept in this tab until it is proposed or thrown away: going elsewhere, a
 * refusal or a reload lose nothing.
 */
export function usePolicyDraft(current: ScopePolicy): {
  draft: PolicyDraft;
  /** Whether it is more than the policy that counts. */
  touched: boolean;
  write: (part: Partial<Pick<PolicyDraft, "text" | "reason">>) => void;
  /** Begins anew at the policy that counts now. */
  discard: () => void;
} {
  const [draft, setDraft] = useState<PolicyDraft | null>(null);
  useEffect(() => setDraft(readKept()), []);
  const shown = draft ?? draftOf(current);
  const write = (part: Partial<PolicyDraft>) => {
    const next = { ...shown, ...part };
    setDraft(next);
    try {
      sessionStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      // Without storage the draft lasts as long as the page.
    }
  };
  const discard = useCallback(() => {
    setDraft(null);
    sessionStorage.removeItem(KEY);
  }, []);
  return { draft: shown, touched: draft !== null && draft.text !== draftOf(current).text, write, discard };
}

function readKept(): PolicyDraft | null {
  try {
    return kept.parse(JSON.parse(sessionStorage.getItem(KEY) ?? ""));
  } catch {
    return null;
  }
}
