/** One step of an agent's usual work, and the steps that follow it with their odds. */
export type Step = {
  action: string;
  endpoint: string;
  peer?: string;
  dataAccessed?: string[];
  /** Median bytes read; the spread is log-normal. */
  bytesMedian: number;
  next: Record<string, number>;
};

/** How many calls a minute an agent makes over the day, as a share of its peak. */
export type Curve = "business" | "daytime" | "evening" | "nightly" | "steady";

export type Profile = {
  name: string;
  title: string;
  kindOfWork: string;
  zone: "a" | "b" | "c";
  criticality: "critical" | "standard";
  model: string;
  version: string;
  scopes: string[];
  /** An elevated scope that the agent asks for when it starts, and that people decide on. */
  asksFor?: string;
  network: string;
  curve: Curve;
  callsPerMinutePeak: number;
  steps: Record<string, Step>;
};

const KB = 1_024;

/** The demo bank's agents: invented, and labelled as such wherever they are shown. */
export const PROFILES: readonly Profile[] = [
  {
    name: "payment-analyzer-003",
    title: "Payment analyzer",
    kindOfWork: "payments",
    zone: "a",
    criticality: "critical",
    model: "orchid-9b",
    version: "3.4.1",
    scopes: ["transactions:read", "transactions:analyze", "alerts:create"],
    network: "10.20.3",
    curve: "daytime",
    callsPerMinutePeak: 100,
    steps: {
      list: {
        action: "transactions.list",
        endpoint: "/payments/queue",
        peer: "core-banking",
        bytesMedian: 60 * KB,
        next: { read: 1 },
      },
      read: {
        action: "transactions.read",
        endpoint: "/payments/detail",
        peer: "core-banking",
        dataAccessed: ["payment_history"],
        bytesMedian: 140 * KB,
        next: { score: 0.9, read: 0.1 },
      },
      score: {
        action: "transactions.analyze",
        endpoint: "/models/payment-risk",
        bytesMedian: 8 * KB,
        next: { read: 0.75, list: 0.22, alert: 0.03 },
      },
      alert: { action: "alerts.create", endpoint: "/cases/payments", bytesMedian: 2 * KB, next: { list: 1 } },
    },
  },
  {
    name: "fraud-detector-001",
    title: "Card fraud detection",
    kindOfWork: "fraud detection",
    zone: "a",
    criticality: "critical",
    model: "orchid-9b",
    version: "2.1.0",
    scopes: ["transactions:read", "transactions:analyze", "alerts:create"],
    network: "10.20.1",
    curve: "evening",
    callsPerMinutePeak: 90,
    steps: {
      read: {
        action: "transactions.read",
        endpoint: "/cards/authorisations",
        peer: "card-switch",
        dataAccessed: ["card_transactions"],
        bytesMedian: 24 * KB,
        next: { score: 1 },
      },
      score: {
        action: "transactions.analyze",
        endpoint: "/models/card-fraud",
        bytesMedian: 4 * KB,
        next: { read: 0.95, alert: 0.05 },
      },
      alert: { action: "alerts.create", endpoint: "/cases/fraud", bytesMedian: 2 * KB, next: { read: 1 } },
    },
  },
  {
    name: "aml-monitor-005",
    title: "Anti-money-laundering monitor",
    kindOfWork: "compliance",
    zone: "b",
    criticality: "critical",
    model: "cedar-4b",
    version: "1.8.2",
    scopes: ["transactions:read", "transactions:analyze", "alerts:create"],
    network: "10.30.5",
    curve: "steady",
    callsPerMinutePeak: 40,
    steps: {
      list: {
        action: "transactions.list",
        endpoint: "/ledger/large-transfers",
        peer: "core-banking",
        bytesMedian: 90 * KB,
        next: { graph: 1 },
      },
      graph: {
        action: "transactions.analyze",
        endpoint: "/graph/counterparties",
        bytesMedian: 30 * KB,
        next: { list: 0.4, read: 0.6 },
      },
      read: {
        action: "transactions.read",
        endpoint: "/ledger/entries",
        peer: "core-banking",
        dataAccessed: ["ledger"],
        bytesMedian: 50 * KB,
        next: { graph: 0.96, alert: 0.04 },
      },
      alert: { action: "alerts.create", endpoint: "/cases/aml", bytesMedian: 3 * KB, next: { list: 1 } },
    },
  },
  {
    name: "kyc-reviewer-002",
    title: "Customer due-diligence reviewer",
    kindOfWork: "compliance",
    zone: "b",
    criticality: "standard",
    model: "cedar-4b",
    version: "1.2.0",
    scopes: ["transactions:read", "alerts:create"],
    network: "10.30.2",
    curve: "business",
    callsPerMinutePeak: 25,
    steps: {
      read: {
        action: "transactions.read",
        endpoint: "/accounts/activity",
        peer: "core-banking",
        dataAccessed: ["account_history"],
        bytesMedian: 70 * KB,
        next: { read: 0.5, list: 0.5 },
      },
      list: {
        action: "transactions.list",
        endpoint: "/reviews/open",
        bytesMedian: 12 * KB,
        next: { read: 0.95, alert: 0.05 },
      },
      alert: { action: "alerts.create", endpoint: "/cases/kyc", bytesMedian: 2 * KB, next: { list: 1 } },
    },
  },
  {
    name: "chat-assist-014",
    title: "Customer service assistant",
    kindOfWork: "customer service",
    zone: "c",
    criticality: "standard",
    model: "willow-2b",
    version: "5.0.3",
    scopes: ["transactions:read"],
    network: "10.40.14",
    curve: "business",
    callsPerMinutePeak: 60,
    steps: {
      read: {
        action: "transactions.read",
        endpoint: "/accounts/recent",
        peer: "core-banking",
        dataAccessed: ["recent_transactions"],
        bytesMedian: 10 * KB,
        next: { list: 0.7, read: 0.3 },
      },
      list: {
        action: "transactions.list",
        endpoint: "/accounts/cards",
        peer: "core-banking",
        bytesMedian: 6 * KB,
        next: { read: 1 },
      },
    },
  },
  {
    name: "reconcile-batch-01",
    title: "End-of-day reconciliation",
    kindOfWork: "reconciliation",
    zone: "b",
    criticality: "standard",
    model: "rules-engine",
    version: "7.2.0",
    scopes: ["transactions:read", "transactions:analyze"],
    network: "10.30.9",
    curve: "nightly",
    callsPerMinutePeak: 80,
    steps: {
      list: {
        action: "transactions.list",
        endpoint: "/settlement/files",
        peer: "core-banking",
        bytesMedian: 400 * KB,
        next: { match: 1 },
      },
      match: {
        action: "transactions.analyze",
        endpoint: "/settlement/match",
        bytesMedian: 20 * KB,
        next: { match: 0.8, list: 0.2 },
      },
    },
  },
  {
    name: "report-writer-007",
    title: "Regulatory report writer",
    kindOfWork: "reporting",
    zone: "b",
    criticality: "standard",
    model: "willow-2b",
    version: "2.2.1",
    scopes: ["transactions:read", "transactions:analyze"],
    network: "10.30.7",
    curve: "business",
    callsPerMinutePeak: 18,
    steps: {
      read: {
        action: "transactions.read",
        endpoint: "/warehouse/aggregates",
        peer: "data-warehouse",
        dataAccessed: ["aggregates"],
        bytesMedian: 200 * KB,
        next: { shape: 1 },
      },
      shape: {
        action: "transactions.analyze",
        endpoint: "/reports/draft",
        bytesMedian: 40 * KB,
        next: { read: 0.8, shape: 0.2 },
      },
    },
  },
  {
    name: "loan-underwriter-004",
    title: "Consumer loan underwriter",
    kindOfWork: "lending",
    zone: "c",
    criticality: "critical",
    model: "orchid-9b",
    version: "1.0.7",
    scopes: ["transactions:read", "transactions:analyze"],
    asksFor: "customer:sensitive_data",
    network: "10.40.4",
    curve: "business",
    callsPerMinutePeak: 30,
    steps: {
      list: {
        action: "transactions.list",
        endpoint: "/loans/applications",
        bytesMedian: 15 * KB,
        next: { read: 1 },
      },
      read: {
        action: "transactions.read",
        endpoint: "/accounts/income",
        peer: "core-banking",
        dataAccessed: ["account_history"],
        bytesMedian: 60 * KB,
        next: { score: 1 },
      },
      score: {
        action: "transactions.analyze",
        endpoint: "/models/affordability",
        bytesMedian: 6 * KB,
        next: { list: 0.7, read: 0.3 },
      },
    },
  },
];

/** The agent that is taken over a minute after the demo starts. */
export const COMPROMISED = "payment-analyzer-003";
