import type { Claim, Level, PersonAuthority, RegisteredFacts } from "../layers/identity/facts-schema.ts";

/** What the demo bank's people said of an agent. */
export type DemoFacts = {
  facts: RegisteredFacts;
  /** Each attestation that is given, in order. */
  attested: readonly (readonly [Claim, PersonAuthority])[];
  /** One of them, taken back again. */
  withdrawn?: { of: readonly [Claim, PersonAuthority]; reason: string };
};

type Pairs = DemoFacts["attested"];

const BRONZE: Pairs = [
  ["owner", "business-owner"],
  ["baseline_model", "business-owner"],
];
const SILVER: Pairs = [
  ...BRONZE,
  ["capabilities", "business-owner"],
  ["data_access", "business-owner"],
  ["data_access", "compliance"],
];
const GOLD: Pairs = [
  ...SILVER,
  ["baseline_model", "security-review"],
  ["classification", "compliance"],
  ["capabilities", "security-review"],
  ["compliance_level", "compliance"],
];
const PLATINUM: Pairs = [
  ...GOLD,
  ["classification", "business-owner"],
  ["data_access", "security-review"],
  ["compliance_level", "business-owner"],
  ["compliance_level", "security-review"],
];

type Classification = NonNullable<RegisteredFacts["classification"]>;

const STREAM: Classification = {
  agent_type: "autonomous",
  operational_level: "supervised",
  stakeholder_context: "enterprise",
  deployment_scope: "internal",
  interaction_mode: "asynchronous",
};
const BATCH: Classification = {
  ...STREAM,
  agent_type: "workflow",
  operational_level: "autonomous",
  interaction_mode: "batch",
};

function facts(
  compliance_level: Level,
  classification: Classification,
  domain_expertise: string[],
  data_sources: string[],
): RegisteredFacts {
  return {
    classification,
    capabilities: { domain_expertise },
    data_access: { classification: "confidential", personal_data: true, data_sources },
    compliance_level: { compliance_level },
  };
}

/** By agent: from one whose every claim is borne out to one whose platinum is nothing but claimed. */
export const DEMO_FACTS: Readonly<Record<string, DemoFacts>> = {
  "payment-analyzer-003": {
    facts: facts("platinum", STREAM, ["payments", "payment fraud"], ["payment_history"]),
    attested: PLATINUM,
  },
  "fraud-detector-001": {
    facts: facts("platinum", STREAM, ["card fraud"], ["card_transactions"]),
    attested: PLATINUM,
    withdrawn: {
      of: ["data_access", "security-review"],
      reason: "Reads merchant tables since the last release; they were not part of the review.",
    },
  },
  "aml-monitor-005": {
    facts: facts("gold", STREAM, ["money laundering"], ["ledger"]),
    attested: GOLD,
  },
  "kyc-reviewer-002": {
    facts: facts("platinum", STREAM, ["customer due diligence"], ["account_history"]),
    attested: SILVER,
  },
  "chat-assist-014": {
    facts: facts("platinum", STREAM, ["customer service"], ["recent_transactions"]),
    attested: [],
  },
  "reconcile-batch-01": {
    facts: facts("bronze", BATCH, ["reconciliation"], ["ledger"]),
    attested: BRONZE,
  },
  "report-writer-007": {
    facts: facts("gold", BATCH, ["management reports"], ["aggregates"]),
    attested: GOLD,
    withdrawn: {
      of: ["capabilities", "security-review"],
      reason: "A new mail connector was added; it has to be reviewed first.",
    },
  },
};
