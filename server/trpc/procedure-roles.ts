import type { AnyProcedure } from "@trpc/server";
import type { Permission } from "../access/permissions.ts";
import type { AppRouter } from "./root.ts";

type Paths<Record, Prefix extends string = ""> = {
  [Key in keyof Record & string]: Record[Key] extends AnyProcedure
    ? `${Prefix}${Key}`
    : Paths<Record[Key], `${Prefix}${Key}.`>;
}[keyof Record & string];

/** Every procedure of the console, as `router.name`. */
export type ProcedurePath = Paths<AppRouter["_def"]["record"]>;

/** `public`: anybody. `signed-in`: any operator, for what is their own. Otherwise the permission it asks for. */
export type Caller = { may: "public" | "signed-in" | Permission; stepUp?: true };

/**
 * Who may call each procedure. A procedure that is not listed does not compile, and one that behaves otherwise
 * fails the matrix test, which calls each as every role.
 */
export const PROCEDURE_CALLERS = {
  "access.apiKeys": { may: "signed-in" },
  "access.changePassword": { may: "signed-in" },
  "access.completeSetup": { may: "public" },
  "access.confirmStepUp": { may: "signed-in" },
  "access.confirmTotp": { may: "signed-in" },
  "access.createApiKey": { may: "signed-in", stepUp: true },
  "access.installation": { may: "public" },
  "access.me": { may: "signed-in" },
  "access.revokeApiKey": { may: "users.manage" },
  "access.signOut": { may: "signed-in" },
  "access.startTotp": { may: "signed-in" },
  "agents.ban": { may: "agents.register" },
  "agents.checkCertificates": { may: "agents.read" },
  "agents.connections": { may: "agents.read" },
  "agents.createJoinToken": { may: "agents.register" },
  "agents.credentials": { may: "agents.read" },
  "agents.expiryOverview": { may: "agents.read" },
  "agents.get": { may: "agents.read" },
  "agents.list": { may: "agents.read" },
  "agents.register": { may: "agents.register" },
  "agents.setStanding": { may: "agents.register" },
  "alerts.acknowledge": { may: "alerts.triage" },
  "alerts.assign": { may: "alerts.triage" },
  "alerts.close": { may: "alerts.triage" },
  "alerts.get": { may: "alerts.read" },
  "alerts.list": { may: "alerts.read" },
  "audit.chainState": { may: "audit.read" },
  "audit.latestVerification": { may: "audit.read" },
  "audit.record": { may: "audit.read" },
  "audit.records": { may: "audit.read" },
  "audit.startVerification": { may: "audit.verify" },
  "audit.verification": { may: "audit.read" },
  "authorities.activate": { may: "authorities.manage", stepUp: true },
  "authorities.dependents": { may: "agents.read" },
  "authorities.list": { may: "agents.read" },
  "authorities.prepare": { may: "authorities.manage", stepUp: true },
  "authorities.revoke": { may: "authorities.manage", stepUp: true },
  "authorities.taint": { may: "authorities.manage", stepUp: true },
  "behaviour.learn": { may: "policy.change" },
  "behaviour.series": { may: "agents.read" },
  "incidents.addNote": { may: "incidents.work" },
  "incidents.advise": { may: "signed-in" },
  "incidents.change": { may: "incidents.work" },
  "incidents.close": { may: "incidents.work" },
  "incidents.declare": { may: "incidents.work" },
  "incidents.determine": { may: "incidents.determine", stepUp: true },
  "incidents.get": { may: "incidents.read" },
  "incidents.list": { may: "incidents.read" },
  "incidents.recordReceipt": { may: "incidents.recordReceipt" },
  "incidents.reopen": { may: "incidents.work" },
  "incidents.setTask": { may: "incidents.work" },
  "incidents.snapshot": { may: "incidents.read" },
  "incidents.stateFact": { may: "incidents.work" },
  "isolation.map": { may: "agents.read" },
  "approvals.brief": { may: "approvals.read" },
  "approvals.get": { may: "approvals.read" },
  "approvals.list": { may: "approvals.read" },
  "approvals.request": { may: "approvals.request" },
  "approvals.vote": { may: "approvals.vote", stepUp: true },
  "clocks.preview": { may: "signed-in" },
  "clocks.running": { may: "incidents.read" },
  "containment.contain": { may: "agents.contain" },
  "containment.declineRelease": { may: "agents.release" },
  "containment.list": { may: "incidents.read" },
  "containment.release": { may: "agents.release", stepUp: true },
  "containment.requestRelease": { may: "agents.contain" },
  "destinations.add": { may: "integrations.manage", stepUp: true },
  "destinations.list": { may: "integrations.manage" },
  "destinations.resend": { may: "integrations.manage" },
  "destinations.switch": { may: "integrations.manage" },
  "facts.attest": { may: "facts.attest", stepUp: true },
  "facts.get": { may: "agents.read" },
  "facts.levels": { may: "agents.read" },
  "facts.state": { may: "facts.state" },
  "facts.withdraw": { may: "facts.attest", stepUp: true },
  "grants.list": { may: "approvals.read" },
  "grants.policy": { may: "approvals.read" },
  "grants.revoke": { may: "grants.revoke" },
  "overview.counts": { may: "agents.read" },
  "overview.get": { may: "agents.read" },
  "shadowAgents.dismiss": { may: "alerts.triage" },
  "shadowAgents.list": { may: "agents.read" },
  "shadowAgents.register": { may: "agents.register" },
  "users.changeRoles": { may: "users.manage", stepUp: true },
  "users.create": { may: "users.manage", stepUp: true },
  "users.disable": { may: "users.manage", stepUp: true },
  "users.enable": { may: "users.manage", stepUp: true },
  "users.list": { may: "agents.read" },
  "users.managed": { may: "users.manage" },
  "users.resetTotp": { may: "users.manage", stepUp: true },
} as const satisfies Record<ProcedurePath, Caller>;
