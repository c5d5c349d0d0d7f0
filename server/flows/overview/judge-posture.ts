import { LAYERS, type LayerKey } from "../../layers.ts";

/** What is measured of each layer. Instants are ms since 1970; null where there is nothing to measure. */
export type PostureFacts = {
  identity: { agents: number; active: number; neverEnrolled: number; ownerless: number; pastRenewal: number };
  authorization: {
    pending: number;
    oldestPendingAt: number | null;
    nextExpiryAt: number | null;
    elevated: number;
  };
  isolation: { denied: number; limited: number; unconfirmed: number; gateways: number };
  monitoring: {
    openCritical: number;
    openHigh: number;
    openOther: number;
    unownedCritical: number;
    unownedHigh: number;
    withoutBaseline: number;
    waitingSlices: number;
  };
  audit: {
    chained: number;
    oldestUnchainedAt: number | null;
    provable: number;
    oldestUnprovableAt: number | null;
    verification: { status: string; finishedAt: number | null; findings: number } | null;
  };
  rotation: { issuedLastDay: number; overdue: number; nextDueAt: number | null };
  compliance: { open: number; undetermined: number; running: number; nextDueAt: number | null };
};

export type PostureState = "ok" | "warn" | "critical";

/** One line of truth about a layer. `line` is a sentence for people; instants are apart, for counting down. */
export type LayerPosture = {
  layer: LayerKey;
  number: number;
  title: string;
  path: string;
  state: PostureState;
  line: string;
  at: { label: string; instant: Date } | null;
};

type Verdict = { state: PostureState; line: string; at?: { label: string; ms: number | null } };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Chained within 100 ms and provable within 1 s is the promise; these are where a person must look. */
const UNCHAINED_MS = { warn: 2_000, critical: 10_000 };
const UNPROVABLE_MS = { warn: 5_000, critical: 60_000 };
const VERIFIED_WITHIN_MS = 24 * HOUR;
const CLOCK_MS = { warn: 24 * HOUR, critical: 4 * HOUR };
const EXPIRY_WARN_MS = 15 * MINUTE;

const count = (n: number, one: string, many = `${one}s`) =>
  `${n.toLocaleString("en-GB")} ${n === 1 ? one : many}`;
const said = (parts: (string | false)[]) => parts.filter(Boolean).join(" · ");

function identity(f: PostureFacts["identity"]): Verdict {
  return {
    state: f.pastRenewal > 0 ? "critical" : f.ownerless > 0 ? "warn" : "ok",
    line: said([
      `${count(f.agents, "agent")}, ${f.active} active`,
      f.pastRenewal > 0 && `${count(f.pastRenewal, "active agent")} whose certificate ran out`,
      f.ownerless > 0 && `${f.ownerless} without an owner`,
      f.neverEnrolled > 0 && `${f.neverEnrolled} never enrolled`,
    ]),
  };
}

function authorization(f: PostureFacts["authorization"], now: number): Verdict {
  const soon = f.nextExpiryAt !== null && f.nextExpiryAt - now < EXPIRY_WARN_MS;
  return {
    state: f.pending > 0 && soon ? "warn" : "ok",
    line: said([
      f.pending > 0 ? `${count(f.pending, "request")} waiting for a vote` : "no request waits",
      `${count(f.elevated, "elevated grant")} live`,
    ]),
    at: { label: f.pending > 0 ? "next request expires" : "", ms: f.pending > 0 ? f.nextExpiryAt : null },
  };
}

function isolation(f: PostureFacts["isolation"]): Verdict {
  return {
    state: f.gateways === 0 || f.unconfirmed > 0 ? "critical" : f.limited + f.denied > 0 ? "warn" : "ok",
    line: said([
      f.gateways === 0 ? "no gateway reports" : `${count(f.gateways, "gateway")} reporting`,
      f.denied > 0 ? `${count(f.denied, "agent")} cut off` : "no agent cut off",
      f.limited > 0 && `${f.limited} limited`,
      f.unconfirmed > 0 && `${f.unconfirmed} not confirmed by every gateway`,
    ]),
  };
}

function monitoring(f: PostureFacts["monitoring"]): Verdict {
  const open = f.openCritical + f.openHigh + f.openOther;
  return {
    state:
      f.unownedCritical > 0 ? "critical" : f.openCritical + f.openHigh + f.unownedHigh > 0 ? "warn" : "ok",
    line: said([
      open === 0 ? "no open alert" : `${count(open, "open alert")}`,
      f.openCritical > 0 && `${f.openCritical} critical, ${f.unownedCritical} of them unowned`,
      f.openHigh > 0 && `${f.openHigh} high`,
      f.withoutBaseline > 0 && `${count(f.withoutBaseline, "agent")} still learning`,
      f.waitingSlices > 0 && `${count(f.waitingSlices, "window")} waiting to be scored`,
    ]),
  };
}

function audit(f: PostureFacts["audit"], now: number): Verdict {
  const unchainedMs = f.oldestUnchainedAt === null ? 0 : now - f.oldestUnchainedAt;
  const unprovableMs = f.oldestUnprovableAt === null ? 0 : now - f.oldestUnprovableAt;
  const { verification } = f;
  const found = verification?.status === "findings" || verification?.status === "failed";
  const fresh = verification?.finishedAt && now - verification.finishedAt < VERIFIED_WITHIN_MS;
  const critical = found || unchainedMs > UNCHAINED_MS.critical || unprovableMs > UNPROVABLE_MS.critical;
  const warn = !fresh || unchainedMs > UNCHAINED_MS.warn || unprovableMs > UNPROVABLE_MS.warn;
  return {
    state: critical ? "critical" : warn ? "warn" : "ok",
    line: said([
      `${count(f.chained, "record")} chained, ${f.provable.toLocaleString("en-GB")} provable`,
      unchainedMs > UNCHAINED_MS.warn && "the sequencer is behind",
      unprovableMs > UNPROVABLE_MS.warn && "checkpoints are behind",
      verification === null
        ? "never verified"
        : verification.status === "findings"
          ? `the last verification has ${count(verification.findings, "finding")}`
          : verification.status === "failed"
            ? "the last verification could not be completed"
            : verification.status === "clean"
              ? "the last verification found nothing wrong"
              : "a verification is running",
    ]),
    at: { label: "verified", ms: verification?.finishedAt ?? null },
  };
}

function rotation(f: PostureFacts["rotation"]): Verdict {
  return {
    state: f.overdue > 0 ? "warn" : "ok",
    line: said([
      `${count(f.issuedLastDay, "certificate")} issued in 24 h`,
      f.overdue > 0 ? `${f.overdue} past their renewal time` : "none past its renewal time",
    ]),
    at: { label: "next renewal due", ms: f.nextDueAt },
  };
}

function compliance(f: PostureFacts["compliance"], now: number): Verdict {
  const leftMs = f.nextDueAt === null ? Number.POSITIVE_INFINITY : f.nextDueAt - now;
  return {
    state:
      leftMs < CLOCK_MS.critical ? "critical" : leftMs < CLOCK_MS.warn || f.undetermined > 0 ? "warn" : "ok",
    line: said([
      f.open === 0 ? "no open incident" : `${count(f.open, "open incident")}`,
      f.undetermined > 0 && `${f.undetermined} without a determination`,
      f.running === 0 ? "no clock runs" : `${count(f.running, "clock")} running`,
      leftMs < 0 && "one is overdue",
    ]),
    at: { label: "nearest deadline", ms: f.nextDueAt },
  };
}

/** The state of the seven layers, in order, from what was measured. */
export function judgePosture(facts: PostureFacts, now: Date): LayerPosture[] {
  const at = now.getTime();
  const verdicts: Record<LayerKey, Verdict> = {
    identity: identity(facts.identity),
    authorization: authorization(facts.authorization, at),
    isolation: isolation(facts.isolation),
    monitoring: monitoring(facts.monitoring),
    audit: audit(facts.audit, at),
    rotation: rotation(facts.rotation),
    compliance: compliance(facts.compliance, at),
  };
  return LAYERS.map(({ key, number, title, path }) => {
    const { state, line, at: instant } = verdicts[key];
    const shown =
      instant && instant.ms !== null ? { label: instant.label, instant: new Date(instant.ms) } : null;
    return { layer: key, number, title, path, state, line, at: shown };
  });
}
