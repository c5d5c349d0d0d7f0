import type { ShadowAgent, ShadowState, ShadowWay } from "#server/layers/identity/shadow-schema.ts";
import type { Tone } from "../ui/tone.ts";

/** How an unknown identity showed itself, in words. */
export const WAY_WORDS: Record<ShadowWay, string> = {
  certificate_unknown: "certificate of our authority",
  certificate_foreign: "foreign certificate",
  token_subject: "token's subject",
  client_id: "token request",
  signature_key: "signature key",
  enrolment: "enrolment",
  signal: "another system's signal",
};

export const SHADOW_VIEWS = ["open", "registered", "dismissed", "all"] as const;
export type ShadowView = (typeof SHADOW_VIEWS)[number];

export const VIEW_TITLES: Record<ShadowView, string> = {
  open: "Open",
  registered: "Registered",
  dismissed: "Dismissed",
  all: "All",
};

/** The state that an address names; open findings where it names none. */
export function shadowViewOf(param: string | null): ShadowView {
  return SHADOW_VIEWS.find((view) => view === param) ?? "open";
}

const TONES: Record<ShadowState, Tone> = { open: "medium", registered: "ok", dismissed: "neutral" };

/** An open finding waits for somebody; what our own authority vouches for is graver. */
export function shadowTone({ state, ways }: Pick<ShadowAgent, "state" | "ways">): Tone {
  return state === "open" && ways.includes("certificate_unknown") ? "critical" : TONES[state];
}

/** What a finding is called: its claim, or the network of which it counts many. */
export function shadowTitle({
  claimed,
  many,
  network,
}: Pick<ShadowAgent, "claimed" | "many" | "network">): string {
  return many ? `Many identities from ${network}` : claimed;
}
