import { type DetectionRule, type DetectionRuleInput, detectionRule } from "../../rules-schema.ts";

const read = { action: "customers.read", subject: "customer-{n}", peer: "inside" } as const;
const post = { action: "messages.send", peer: "outside" } as const;

/** The seed's two Falco rules (module 5), in the form that works on signed actions. */
const SEED_RULES: DetectionRuleInput[] = [
  {
    id: "excessive-api-calls",
    title: "Agent makes excessive API calls",
    severity: "medium",
    enabled: true,
    description: "More than 1,000 actions in a minute, admitted or refused.",
    falsePositives:
      "A batch run at the end of a month. Plan it as maintenance, or give the agent a rule with a higher number.",
    tags: { atlas: ["AML.T0034.002", "AML.T0029"], owasp: ["ASI02", "ASI08"] },
    condition: { kind: "rate", where: {}, measure: "actions", above: 1_000, seconds: 60 },
    does: "alert",
    examples: [
      {
        title: "1,001 calls in a minute",
        fires: true,
        steps: [{ after: 0, times: 1_001, everyMs: 59, action: "transactions.read" }],
      },
      {
        title: "1,000 calls in a minute",
        fires: false,
        steps: [{ after: 0, times: 1_000, everyMs: 59, action: "transactions.read" }],
      },
    ],
  },
  {
    id: "sensitive-data-in-scope",
    title: "Unauthorised data access attempt",
    severity: "critical",
    enabled: true,
    description:
      "An endpoint or a class of data named sensitive or pii, touched without the scope for sensitive data. The action is refused.",
    falsePositives:
      "A new endpoint whose name only contains the word. Ask for the scope, or rename the endpoint; do not take the word out.",
    tags: { atlas: ["AML.T0085", "AML.T0036"], owasp: ["ASI03"] },
    condition: {
      kind: "forbidden-data",
      words: ["sensitive", "pii"],
      patterns: [],
      unlessScope: "customer:sensitive_data",
    },
    does: "refuse",
    examples: [
      {
        title: "personal data without the scope",
        fires: true,
        steps: [{ after: 0, action: "customers.read", endpoint: "/pii/customers/17" }],
      },
      {
        title: "personal data with the scope",
        fires: false,
        steps: [
          {
            after: 0,
            action: "customers.read",
            endpoint: "/pii/customers/17",
            scopes: ["customer:sensitive_data"],
          },
        ],
      },
    ],
  },
];

/** What was built in before there were rules as data, under the same names. */
const CHECKS: DetectionRuleInput[] = [
  {
    id: "single-action-volume",
    title: "One action moved more than 1 GiB",
    severity: "high",
    enabled: true,
    description: "One call that moves this much is looked at, whoever makes it.",
    falsePositives: "A planned export. Close the alert as benign with its ticket.",
    tags: { atlas: ["AML.T0025"], owasp: ["ASI02"] },
    condition: { kind: "single-action", where: { bytesAtLeast: 1024 ** 3 + 1 } },
    does: "alert",
    examples: [
      {
        title: "a byte more than 1 GiB",
        fires: true,
        steps: [{ after: 0, action: "reports.generate", bytes: 1024 ** 3 + 1 }],
      },
      {
        title: "1 GiB",
        fires: false,
        steps: [{ after: 0, action: "reports.generate", bytes: 1024 ** 3 }],
      },
    ],
  },
  {
    id: "believable-time",
    title: "Actions reported outside the time that is believed",
    severity: "medium",
    enabled: true,
    description:
      "Actions more than ten minutes old or five minutes ahead are recorded and neither scored nor counted by rules over a span. An agent that reports so on purpose would hide from both.",
    falsePositives: "A clock that is off, or an agent that was cut off and reports late.",
    tags: { atlas: [], owasp: ["ASI10"] },
    condition: { kind: "untrusted-time" },
    does: "alert",
    examples: [
      {
        title: "reported eleven minutes later",
        fires: true,
        steps: [{ after: 0, action: "transactions.read", arrivesAfterSeconds: 660 }],
      },
      {
        title: "reported ten minutes later",
        fires: false,
        steps: [{ after: 0, action: "transactions.read", arrivesAfterSeconds: 600 }],
      },
    ],
  },
];

/** What is harmless action by action, and not together. */
const TOGETHER: DetectionRuleInput[] = [
  {
    id: "bulk-read-then-post",
    title: "Many customers read, then something sent outside",
    severity: "critical",
    enabled: true,
    description:
      "At least 50 different customers or accounts were read, and within fifteen minutes of it something went to a peer outside the bank. Each of the two is what agents do; one after the other it is how data leaves.",
    falsePositives:
      "An agent that writes to many customers after looking each of them up. Name such agents in a rule of their own with a higher number.",
    tags: { atlas: ["AML.T0086", "AML.T0036"], owasp: ["ASI01", "ASI02"] },
    condition: {
      kind: "sequence",
      first: {
        where: { actions: ["*.read", "*.list", "*.search", "*.export"], refused: false },
        measure: "subjects",
        atLeast: 50,
      },
      next: { where: { peer: "outside" } },
      seconds: 900,
    },
    does: "limit",
    examples: [
      {
        title: "60 customers, then a message outside",
        fires: true,
        steps: [
          { ...read, after: 0, times: 60, everyMs: 1_000 },
          { ...post, after: 90 },
        ],
      },
      { title: "only the reading", fires: false, steps: [{ ...read, after: 0, times: 60, everyMs: 1_000 }] },
      { title: "only the message", fires: false, steps: [{ ...post, after: 0 }] },
      {
        title: "the message came first",
        fires: false,
        steps: [
          { ...post, after: 0 },
          { ...read, after: 10, times: 60, everyMs: 1_000 },
        ],
      },
      {
        title: "one customer read many times",
        fires: false,
        steps: [
          { ...read, subject: "customer-1", after: 0, times: 60, everyMs: 1_000 },
          { ...post, after: 90 },
        ],
      },
    ],
  },
  {
    id: "impossible-credential-use",
    title: "Two certificates of one agent used from different networks at once",
    severity: "critical",
    enabled: true,
    description:
      "Two transport certificates of one agent were in use over the same minutes, from networks that have nothing in common: somebody else holds one of them. The networks are those that the gateway saw, not those that the agent names.",
    falsePositives:
      "One agent that runs in two places under one name. Register the second as a child agent. A renewal does not fire: the new certificate shows up where the old one is.",
    tags: { atlas: ["AML.T0012", "AML.T0091"], owasp: ["ASI03"] },
    condition: { kind: "credentials", seconds: 600 },
    does: "alert",
    examples: [
      {
        title: "a second certificate from elsewhere, while the first goes on",
        fires: true,
        steps: [
          { after: 0, times: 20, everyMs: 10_000, action: "transactions.read" },
          {
            after: 60,
            times: 5,
            everyMs: 10_000,
            action: "transactions.read",
            certificate: "second",
            network: "203.0.113.0/24",
          },
        ],
      },
      {
        title: "a renewal: both for a while, from one network",
        fires: false,
        steps: [
          { after: 0, times: 20, everyMs: 10_000, action: "transactions.read" },
          { after: 60, times: 20, everyMs: 10_000, action: "transactions.read", certificate: "second" },
        ],
      },
      {
        title: "a move: the second begins where the first has ended",
        fires: false,
        steps: [
          { after: 0, times: 5, everyMs: 10_000, action: "transactions.read" },
          {
            after: 120,
            times: 5,
            everyMs: 10_000,
            action: "transactions.read",
            certificate: "second",
            network: "203.0.113.0/24",
          },
        ],
      },
    ],
  },
];

const VOLUMES: DetectionRuleInput[] = [
  {
    id: "data-volume",
    title: "Agent moves more than 5 GB in five minutes",
    severity: "high",
    enabled: true,
    description: "Five minutes of 1 GB each, whatever is usual for the agent.",
    falsePositives: "Planned exports and reconciliations.",
    tags: { atlas: ["AML.T0025", "AML.T0057"], owasp: ["ASI02"] },
    condition: { kind: "volume", where: {}, aboveBytes: 5_000_000_000, seconds: 300 },
    does: "alert",
    examples: [
      {
        title: "6 GB in four minutes",
        fires: true,
        steps: [{ after: 0, times: 24, everyMs: 10_000, action: "reports.generate", bytes: 250_000_000 }],
      },
      {
        title: "5 GB in four minutes",
        fires: false,
        steps: [{ after: 0, times: 20, everyMs: 10_000, action: "reports.generate", bytes: 250_000_000 }],
      },
    ],
  },
  {
    id: "refused-again-and-again",
    title: "Agent is refused again and again",
    severity: "medium",
    enabled: true,
    description: "More than 50 refused actions in a minute: an agent that tries what it may do.",
    falsePositives: "A grant that has just ended while the agent goes on. Renew the grant, or stop the task.",
    tags: { atlas: ["AML.T0053"], owasp: ["ASI03", "ASI10"] },
    condition: { kind: "rate", where: { refused: true }, measure: "actions", above: 50, seconds: 60 },
    does: "alert",
    examples: [
      {
        title: "51 refused in a minute",
        fires: true,
        steps: [{ after: 0, times: 51, everyMs: 1_000, action: "payments.execute", refused: true }],
      },
      {
        title: "many that were admitted",
        fires: false,
        steps: [{ after: 0, times: 400, everyMs: 100, action: "transactions.read" }],
      },
    ],
  },
];

/** The rules that Vigil comes with: version 1 of the set. */
export const BUILT_IN_RULES: readonly DetectionRule[] = detectionRule
  .array()
  .parse([...SEED_RULES, ...CHECKS, ...TOGETHER, ...VOLUMES]);
