/** One call of an agent, as a door of the bank would see it. */
export type CallEvent = {
  /** The agent's name. */
  agent: string;
  /** The call's own number in the scenario; a call that is delivered twice has one number. */
  id: string;
  /** The call that caused this one, or null at the start of a task. */
  parent: string | null;
  /** When the agent says it happened, and when it came. Milliseconds since 1970. */
  atMs: number;
  receivedMs: number;
  action: string;
  endpoint: string;
  /** What kind of data was touched. */
  object: string;
  bytes: number;
  sourceIp: string;
  asn: number;
  country: string;
  thumbprint: string;
  tokenId: string;
  /** The system or agent that was reached for, where it is not the agent's own back end. */
  peer: string | null;
  refused: boolean;
  /** The episode that this call is an attack of: for judging alone, no feature may read it. */
  attack: string | null;
};

export const ATTACK_KINDS = [
  "burst-exfiltration",
  "slow-exfiltration",
  "credential-replay",
  "sequence-change",
  "lateral-access",
  "recon",
  "off-hours",
  "flood",
  "under-threshold",
] as const;
export type AttackKind = (typeof ATTACK_KINDS)[number];

/** What looks like each attack and is not. */
export const TWIN_OF = {
  "burst-exfiltration": "bulk-export",
  "slow-exfiltration": "backfill",
  "credential-replay": "failover",
  "sequence-change": "deploy",
  "lateral-access": "partner-onboarding",
  recon: "catalogue-refresh",
  "off-hours": "overtime",
  flood: "retry-storm",
  "under-threshold": "campaign",
} as const satisfies Record<AttackKind, string>;
export type TwinKind = (typeof TWIN_OF)[AttackKind];

/** Benign change that imitates nothing in particular. `deploy` and `failover` also come beyond their part as twins. */
export const DISTURBANCES = ["month-end", "holiday", "clock-change", "outage", "delayed-delivery"] as const;
export type BenignKind = TwinKind | (typeof DISTURBANCES)[number];

/** A stretch of time in which an agent is attacked, or does something unusual for a good reason. */
export type Episode = {
  id: string;
  agent: number;
  kind: AttackKind | BenignKind;
  attack: boolean;
  fromMs: number;
  /** First instant after it; a deploy lasts for good, its episode is the day after it. */
  toMs: number;
  /** Starts of the minutes in which it acts, where those are not all of its minutes. */
  minutes: ReadonlySet<number> | null;
  /** In [0, 1): how strong within what its kind allows. */
  strength: number;
};
