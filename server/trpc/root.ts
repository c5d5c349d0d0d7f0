import { createCallerFactory, router } from "./procedure.ts";
import { accessRouter } from "./routers/access.ts";
import { agentsRouter } from "./routers/agents.ts";
import { alertsRouter } from "./routers/alerts.ts";
import { approvalsRouter } from "./routers/approvals.ts";
import { auditRouter } from "./routers/audit.ts";
import { authoritiesRouter } from "./routers/authorities.ts";
import { behaviourRouter } from "./routers/behaviour.ts";
import { clocksRouter } from "./routers/clocks.ts";
import { containmentRouter } from "./routers/containment.ts";
import { destinationsRouter } from "./routers/destinations.ts";
import { dutiesRouter } from "./routers/duties.ts";
import { factsRouter } from "./routers/facts.ts";
import { glassRouter } from "./routers/glass.ts";
import { grantsRouter } from "./routers/grants.ts";
import { incidentsRouter } from "./routers/incidents.ts";
import { isolationRouter } from "./routers/isolation.ts";
import { maintenanceRouter } from "./routers/maintenance.ts";
import { overviewRouter } from "./routers/overview.ts";
import { placesRouter } from "./routers/places.ts";
import { policyRouter } from "./routers/policy.ts";
import { rulesRouter } from "./routers/rules.ts";
import { shadowAgentsRouter } from "./routers/shadow-agents.ts";
import { signalsRouter } from "./routers/signals.ts";
import { trustRouter } from "./routers/trust.ts";
import { usersRouter } from "./routers/users.ts";

/** Every procedure of the console, one router a subject. Who may call what: procedure-roles.ts. */
export const appRouter = router({
  access: accessRouter,
  agents: agentsRouter,
  alerts: alertsRouter,
  approvals: approvalsRouter,
  audit: auditRouter,
  authorities: authoritiesRouter,
  behaviour: behaviourRouter,
  clocks: clocksRouter,
  containment: containmentRouter,
  destinations: destinationsRouter,
  duties: dutiesRouter,
  facts: factsRouter,
  glass: glassRouter,
  grants: grantsRouter,
  incidents: incidentsRouter,
  isolation: isolationRouter,
  maintenance: maintenanceRouter,
  overview: overviewRouter,
  places: placesRouter,
  policy: policyRouter,
  rules: rulesRouter,
  shadowAgents: shadowAgentsRouter,
  signals: signalsRouter,
  trust: trustRouter,
  users: usersRouter,
});

export type AppRouter = typeof appRouter;

export const createCaller = createCallerFactory(appRouter);
