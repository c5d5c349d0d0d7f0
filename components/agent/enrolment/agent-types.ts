import type { CRITICALITIES } from "#server/layers/identity/schema.ts";
import type { FeatureKey } from "#server/layers/monitoring/schema.ts";

export const AGENT_TYPES = [
  "fraud-detection",
  "payments",
  "compliance",
  "customer-service",
  "reconciliation",
  "reporting",
  "resource-server",
  "other",
] as const;
export type AgentType = (typeof AGENT_TYPES)[number];

/** What is advised for an agent of a type; `why` is shown beside it, word for word. */
export type Advice = {
  title: string;
  does: string;
  kind: "agent" | "resource-server";
  criticality: (typeof CRITICALITIES)[number];
  /** Base scopes that stand from the registration on. */
  standing: readonly { scope: string; why: string }[];
  /** Scopes that it will ask for when it needs them, each time approved by a person, each time for a while. */
  onApproval: readonly { scope: string; why: string }[];
  /** What of its behaviour gives it away first. All of it is measured; these are to be looked at. */
  watch: readonly { feature: FeatureKey; why: string }[];
};

const READ = { scope: "transactions:read", why: "It reads what it works on." };

/** The advice for each type of agent (seed, exercise 1): least privilege first, everything else on approval. */
export const ADVICE: Record<AgentType, Advice> = {
  "fraud-detection": {
    title: "Fraud detection",
    does: "Watches transactions, scores them and raises suspicion; a person or a payment system blocks.",
    kind: "agent",
    criticality: "critical",
    standing: [
      { scope: "transactions:read", why: "It reads every transaction and the payment history." },
      { scope: "transactions:analyze", why: "It scores them." },
      { scope: "alerts:create", why: "It flags what is suspicious and opens cases." },
    ],
    onApproval: [
      { scope: "transactions:modify", why: "To hold a payment, for as long as a case needs it." },
      { scope: "customer:sensitive_data", why: "To read what a customer said in confidence, for one case." },
    ],
    watch: [
      { feature: "dataMegabytes", why: "It sees everything, so it is the one to steal through." },
      { feature: "uniqueEndpoints", why: "Its work is narrow: a new endpoint is a new purpose." },
      { feature: "patternSurprise", why: "It repeats one sequence; another one is another program." },
    ],
  },
  payments: {
    title: "Payments",
    does: "Prepares payments and, once a person approved, carries them out.",
    kind: "agent",
    criticality: "critical",
    standing: [READ, { scope: "alerts:create", why: "It reports what it cannot pay." }],
    onApproval: [
      { scope: "payments:execute", why: "Money moves only within an approval that ends by itself." },
    ],
    watch: [
      { feature: "apiCallsPerMinute", why: "Many small payments are how a theft stays under a limit." },
      { feature: "timeOfDayDeviation", why: "Payments outside its hours want an explanation." },
      { feature: "refusedRatio", why: "Refusals show that it tries what it may not." },
    ],
  },
  compliance: {
    title: "Compliance",
    does: "Checks customers and payments against rules and lists, and reports what breaks them.",
    kind: "agent",
    criticality: "high",
    standing: [
      READ,
      { scope: "transactions:analyze", why: "It assesses risk." },
      { scope: "alerts:create", why: "It opens cases." },
    ],
    onApproval: [
      { scope: "customer:sensitive_data", why: "Identity documents are read for one review at a time." },
      { scope: "audit:temporary", why: "Audit data is read for one review at a time." },
    ],
    watch: [
      { feature: "bytesPerCall", why: "A review reads one file; a leak reads them all." },
      { feature: "geographicAnomaly", why: "What it reads must not leave the bank's networks." },
    ],
  },
  "customer-service": {
    title: "Customer service",
    does: "Answers customers about their accounts, led by what strangers write to it.",
    kind: "agent",
    criticality: "high",
    standing: [READ],
    onApproval: [
      { scope: "customer:sensitive_data", why: "Never standing: what customers write can steer this agent." },
      { scope: "transactions:modify", why: "A change of an account is a person's decision each time." },
    ],
    watch: [
      { feature: "refusedRatio", why: "Text that steers it shows first as things it is refused." },
      { feature: "patternSurprise", why: "A steered agent leaves its usual sequence." },
      { feature: "uniqueEndpoints", why: "It has no reason to look elsewhere." },
    ],
  },
  reconciliation: {
    title: "Reconciliation",
    does: "Compares ledgers, usually at night, and names what does not add up.",
    kind: "agent",
    criticality: "standard",
    standing: [
      READ,
      { scope: "transactions:analyze", why: "It compares." },
      { scope: "alerts:create", why: "It reports differences." },
    ],
    onApproval: [{ scope: "batch:process", why: "A batch runs within its own hour." }],
    watch: [
      { feature: "timeOfDayDeviation", why: "It keeps hours; work outside them is not its own." },
      { feature: "dataMegabytes", why: "Its volume follows the ledgers' and jumps for no other reason." },
    ],
  },
  reporting: {
    title: "Reporting",
    does: "Sums up figures for people, on a schedule.",
    kind: "agent",
    criticality: "low",
    standing: [READ, { scope: "transactions:analyze", why: "It computes figures and writes reports." }],
    onApproval: [{ scope: "audit:temporary", why: "For a report on the audit itself, a day at most." }],
    watch: [
      { feature: "bytesPerCall", why: "Reports need sums, not rows: large answers are a surprise." },
      { feature: "geographicAnomaly", why: "Reports go to people in the bank." },
    ],
  },
  "resource-server": {
    title: "Resource server",
    does: "A bank system that agents call: it asks Vigil about the tokens they show it.",
    kind: "resource-server",
    criticality: "high",
    standing: [],
    onApproval: [],
    watch: [],
  },
  other: {
    title: "Something else",
    does: "Begin with nothing and add what its work needs.",
    kind: "agent",
    criticality: "standard",
    standing: [],
    onApproval: [],
    watch: [
      { feature: "apiCallsPerMinute", why: "The first sign of most changes." },
      { feature: "refusedRatio", why: "Refusals show that it tries what it may not." },
    ],
  },
};

/** The rules that hold for every single action of every agent from the first one on. */
export const ACTION_RULES = [
  {
    id: "sensitive-data-in-scope",
    says: "Data marked sensitive is refused without the scope customer:sensitive_data, and a critical alert raised.",
  },
  { id: "single-action-volume", says: "One action that moves more than 1 GiB raises a high alert." },
  {
    id: "believable-time",
    says: "An action more than 10 minutes old or 5 minutes ahead is recorded, not scored, and raises an alert.",
  },
] as const;

const DAY = 24;

/** What each credential is for and how it rotates, hours: by the agent itself, with a new key each time. */
export const CREDENTIALS = [
  { purpose: "transport", why: "opens connections (mutual TLS)", lifeHours: DAY },
  { purpose: "signature", why: "signs every request", lifeHours: 30 * DAY },
  { purpose: "oauth", why: "proves it where access tokens are asked for", lifeHours: 90 * DAY },
  { purpose: "callback", why: "receives answers that come later", lifeHours: 90 * DAY },
  { purpose: "encryption", why: "is what others encrypt to", lifeHours: 90 * DAY },
] as const;
