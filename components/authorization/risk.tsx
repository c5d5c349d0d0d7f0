import { Badge } from "../ui/badge.tsx";
import type { Tone } from "../ui/tone.ts";

const TONES: Record<string, Tone> = { LOW: "low", MEDIUM: "medium", HIGH: "high" };

/** A scope's risk, as the policy has it. */
export function RiskBadge({ risk }: { risk: string | null }) {
  if (!risk) return <Badge tone="high">not in the policy</Badge>;
  return <Badge tone={TONES[risk] ?? "neutral"}>{`${risk.toLowerCase()} risk`}</Badge>;
}
