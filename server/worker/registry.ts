import { alarmClocks } from "./alarm-clocks.ts";
import { applyRules } from "./apply-rules.ts";
import { callAgentsBack } from "./call-agents-back.ts";
import { chaseReviews } from "./chase-reviews.ts";
import { confirmContainments } from "./confirm-containments.ts";
import { deliverOutbox } from "./deliver-outbox.ts";
import type { Duty } from "./duty.ts";
import { expireApprovals } from "./expire-approvals.ts";
import { expireOverrides } from "./expire-overrides.ts";
import { foldWindows } from "./fold-windows.ts";
import { forgetUsedAssertions } from "./forget-assertions.ts";
import { forgetEndedRevocations } from "./forget-revocations.ts";
import { issueCertificates } from "./issue-certificates.ts";
import { keepLearning, noteTimes } from "./keep-learning.ts";
import { keepTrust } from "./keep-trust.ts";
import { learnBaselines } from "./learn-baselines.ts";
import { pruneNonces } from "./prune-nonces.ts";
import { runVerification } from "./run-verification.ts";
import { scoreWindows } from "./score-windows.ts";
import { sequenceRecords } from "./sequence-records.ts";
import { signCheckpoints } from "./sign-checkpoints.ts";
import { tryRules } from "./try-rules.ts";
import { watchSignals } from "./watch-signals.ts";

/** Every duty of the worker, one file each. */
export const DUTIES: readonly Duty[] = [
  issueCertificates,
  sequenceRecords,
  signCheckpoints,
  runVerification,
  foldWindows,
  scoreWindows,
  applyRules,
  tryRules,
  learnBaselines,
  keepLearning,
  noteTimes,
  confirmContainments,
  alarmClocks,
  deliverOutbox,
  callAgentsBack,
  expireApprovals,
  chaseReviews,
  expireOverrides,
  keepTrust,
  forgetUsedAssertions,
  forgetEndedRevocations,
  pruneNonces,
  watchSignals,
];
