import type pg from "pg";

/** Tables whose rows are evidence: the application may add rows and read them, and that is all. */
export const INSERT_ONLY_TABLES = [
  "audit_records",
  "audit_payloads",
  "audit_chain",
  "audit_checkpoints",
  "incident_facts",
  "determinations",
  "approval_votes",
  "snapshots",
  "scope_policies",
  "rule_sets",
  "rule_firings",
  "agent_claims",
  "attestations",
  "attestation_withdrawals",
  "alert_transitions",
] as const;

/** Written once by the application, too, though a repair by the owner may change them. */
const WRITTEN_ONCE = [
  "audit_index",
  "audit_keys",
  "authority_requests",
  "cool_downs",
  "isolation_confirmations",
  "revocations",
  "sealed_keys",
  "signals",
];

/** What is transient: everything else the application can end, and never take away. */
const DELETABLE = [
  "alert_occurrences",
  "api_keys",
  "oauth_artefacts",
  "observed_connections",
  "peer_priors",
  "places",
  "processes",
  "rate_limits",
  "request_nonces",
  "revocations",
  "sessions",
  "setup_links",
  "trust_scores",
  "two_factors",
  "used_assertions",
  "verifications",
  "window_deltas",
  "window_slices",
];

/** Decisions of which only this changes after they were written: a deadline, a request or a key stays as it was. */
const CHANGEABLE_COLUMNS: Record<string, readonly string[]> = {
  alert_acts: ["incident_id", "finished_at"],
  alert_act_items: ["outcome", "by", "detail", "decided_at"],
  alert_suppressions: ["count", "last_seen_at", "lifted_at", "lifted_by", "lift_reason"],
  access_tokens: ["revoked_at", "revoke_reason"],
  api_keys: ["last_used_at", "revoked_at"],
  approvals: ["status", "votes_needed", "decided_at", "decision_reason", "grant_id"],
  authorities: [
    "status",
    "activated_at",
    "superseded_at",
    "tainted_at",
    "revoked_at",
    "reason",
    "crl",
    "crl_number",
    "crl_at",
    "crl_next_update",
  ],
  baselines: ["retired_at", "retire_reason", "unpinned_at"],
  break_glass_uses: ["overdue_noted_at", "reviewed_by", "reviewed_at", "verdict", "review_reason"],
  callback_deliveries: ["attempts", "next_attempt_at", "delivered_at", "dead_at", "last_error"],
  callback_endpoints: ["url"],
  clocks: ["status", "received_at", "receipt"],
  credentials: ["status", "revoked_at", "revoke_reason"],
  grants: ["activated_at", "last_used_at", "revoked_at", "revoke_reason"],
  installation: ["time_zone", "regulator"],
  join_tokens: ["used_at"],
  learning_proposals: [
    "status",
    "decided_by",
    "decided_at",
    "decision_reason",
    "step_up",
    "done_at",
    "outcome",
  ],
  maintenance_windows: [
    "status",
    "decided_by",
    "decided_at",
    "decision_reason",
    "step_up",
    "cancelled_at",
    "cancelled_by",
    "start_noted_at",
    "end_noted_at",
  ],
  policy_proposals: ["status", "decided_by", "decided_at", "decision_reason", "step_up", "version"],
  rule_dry_runs: ["status", "started_at", "ended_at", "records_read", "read_down_to", "result"],
  rule_proposals: ["status", "decided_by", "decided_at", "decision_reason", "step_up", "version"],
  shadow_agents: [
    "ways",
    "evidence",
    "network",
    "count",
    "last_seen_at",
    "state",
    "agent_id",
    "decided_by",
    "decided_at",
    "reason",
    "version",
  ],
  signal_secrets: ["ends_at"],
  signal_sources: [
    "enabled",
    "mapping",
    "alert_from",
    "find_unknown",
    "rate_per_minute",
    "silent_after_seconds",
    "heard_at",
    "received_at",
    "lag_ms",
    "silent_since",
    "version",
  ],
  token_keys: ["signs_from", "activated_at", "retired_at", "tainted_at", "tainted_by", "reason"],
  trust_overrides: [
    "status",
    "decided_by",
    "decided_at",
    "decision_reason",
    "step_up",
    "ends_at",
    "ended_by",
  ],
  verdict_lessons: ["withdrawn_at", "withdrawn_by", "withdraw_reason"],
};

/**
 * Gives each role its rights, all at once: the application adds, ends what may end, and takes away only what is
 * transient; the reader reads what is no secret.
 *
 * @param roles names of the application's and the reader's roles; null where they are the owner itself.
 */
export async function grantRights(
  client: pg.Client,
  roles: { app: string | null; reader: string | null },
): Promise<void> {
  const statements = [
    ...(roles.app ? appRights(client.escapeIdentifier(roles.app)) : []),
    ...(roles.reader ? readerRights(client.escapeIdentifier(roles.reader)) : []),
  ];
  await client.query("begin");
  try {
    for (const statement of statements) await client.query(statement);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

function appRights(app: string): string[] {
  const narrowed = Object.entries(CHANGEABLE_COLUMNS);
  return [
    `grant usage on schema public to ${app}`,
    `revoke all on all tables in schema public from ${app}`,
    `grant select, insert, update on all tables in schema public to ${app}`,
    `grant usage, select on all sequences in schema public to ${app}`,
    `grant delete on ${DELETABLE.join(", ")} to ${app}`,
    `revoke update on ${[...INSERT_ONLY_TABLES, ...WRITTEN_ONCE, ...narrowed.map(([table]) => table)].join(", ")} from ${app}`,
    ...narrowed.map(([table, columns]) => `grant update (${columns.join(", ")}) on ${table} to ${app}`),
  ];
}

function readerRights(reader: string): string[] {
  return [
    `grant usage on schema public to ${reader}`,
    `grant select on all tables in schema public to ${reader}`,
    `revoke select on sealed_keys, accounts, two_factors, sessions, api_keys, verifications, signal_secrets from ${reader}`,
  ];
}
