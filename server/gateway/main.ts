import { randomUUID, X509Certificate } from "node:crypto";
import { createDatabase } from "../../db/client.ts";
import { type Env, readEnv } from "../env.ts";
import { makeLog } from "../kernel/make-log.ts";
import { createKeyStore } from "../keys/key-store.ts";
import { roleKekFromEnv } from "../keys/role-kek.ts";
import { loadDoorCertificate } from "../layers/identity/load-door-certificate.ts";
import { endWithParent, isProgram } from "../process-end.ts";
import { startHeartbeat } from "../worker/heartbeat.ts";
import { createAgentsDoor } from "./agents-door.ts";
import { renewCertificate } from "./door.ts";
import { createHopDoor } from "./hop-door.ts";
import { keepDoorCertificate } from "./keep-door-certificate.ts";
import { listenOn } from "./listen-on.ts";
import { openAdmission } from "./open-admission.ts";
import { createPublicDoor } from "./public-door.ts";

const POOL_SIZE = 12;
const clock = () => new Date();

export type Gateway = { gatewayId: string; close: () => Promise<void> };

/**
 * Starts the agents' two doors: ready when the live state is fresh and both ports are open. `close` answers what
 * was begun, writes what waits, and takes the process off the list.
 *
 * @throws Error with one line that names the port and its variable when a port is taken.
 */
export async function startGateway(env: Env): Promise<Gateway> {
  const gatewayId = `gateway-${randomUUID()}`;
  const log = makeLog(env.logLevel, { role: "gateway", process: gatewayId });
  const db = createDatabase(env.databaseUrl, {
    ...{ applicationName: "vigil-gateway", poolSize: POOL_SIZE, keepPlans: true },
  });
  const keys = createKeyStore(db, "gateway", roleKekFromEnv(env, "gateway"));
  const certificate = await loadDoorCertificate(db, keys);
  const minVersion = env.tlsMinVersion;
  let anchors = certificate.ca.map((pem) => new X509Certificate(pem));
  const held = keepDoorCertificate({
    ...{ db, keys, log, first: certificate },
    apply: ({ key, cert, ca }) => {
      renewCertificate(agentsDoor, { key, cert, ca, minVersion });
      renewCertificate(publicDoor, { key, cert, minVersion });
      if (hopDoor) renewCertificate(hopDoor, { key, cert, ca: [], minVersion });
      anchors = ca.map((pem) => new X509Certificate(pem));
    },
  });
  const open = await openAdmission({ db, env, keys, gatewayId, log, clock, onDoorCertificate: held.renew });
  const { denials, sightings } = open;
  const doorDeps = { db, env, keys, log, certificate, clock, ...open };
  const agentsDoor = await createAgentsDoor(doorDeps);
  const hopDoor = env.hops && (await createHopDoor({ ...doorDeps, hops: env.hops, anchors: () => anchors }));
  const publicDoor = createPublicDoor({
    db,
    env,
    log,
    certificate,
    keySet: () => open.tokenKeys.published(clock()),
    keys,
    denials,
    sightings,
    clock,
    refresh: open.refresh,
  });
  const stop = async () => {
    await Promise.allSettled([agentsDoor.close(), publicDoor.close(), hopDoor?.close()]);
    await open.close();
    await db.$client.end();
  };
  try {
    await open.fresh;
    // What was announced before anybody listened, and what came before the doors were made.
    await held.renew();
    const detail = () => ({ ...open.said(), trusts: held.current().trusts });
    const heartbeat = await startHeartbeat(db, { id: gatewayId, role: "gateway", log, detail });
    await listenOn(agentsDoor, env.gatewayPort, "VIGIL_GATEWAY_PORT");
    await listenOn(publicDoor, env.enrolPort, "VIGIL_ENROL_PORT");
    if (hopDoor && env.hops) await listenOn(hopDoor, env.hops.port, "VIGIL_HOP_PORT");
    log.info({ gatewayPort: env.gatewayPort, enrolPort: env.enrolPort }, "the gateway is open");
    return {
      gatewayId,
      close: async () => {
        await heartbeat.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

if (isProgram(import.meta.filename)) {
  try {
    const gateway = await startGateway(readEnv());
    endWithParent(gateway.close);
    process.send?.("ready");
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
