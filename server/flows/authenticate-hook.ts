import { timingSafeEqual } from "node:crypto";
import type { Database } from "../../db/client.ts";
import { bearerToken } from "../access/read-api-key.ts";
import { verifyStandardWebhook } from "../integrations/signal/verify-standard-webhook.ts";
import type { Actor } from "../kernel/actor.ts";
import { UnauthenticatedError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { openForRole } from "../keys/role-box.ts";
import {
  findSource,
  liveSecrets,
  type SecretRow,
  type SourceRow,
  signalSecretContext,
} from "../layers/monitoring/signal-source-store.ts";
import { countRefusal } from "./count-refusal.ts";

const NO_ONE = Buffer.alloc(32);
const NOBODY: Actor = { type: "system", id: "hooks" };

/**
 * Which source a hook's caller is: by the secret in its Authorization header, or by its signature over the body. A
 * source that does not exist and a wrong secret are answered alike. Refusals of a source are counted by reason.
 *
 * @param request attacker-controlled.
 * @throws UnauthenticatedError `hook_secret_wrong`, `signature_missing`, `signature_late`, `signature_invalid`.
 */
export async function authenticateHook(
  ctx: { db: Database; keys: KeyStore; now: Date },
  request: { name: string; headers: Headers; body: Buffer; sourceIp: string },
): Promise<{ source: SourceRow; messageId: string | null }> {
  const { db, now } = ctx;
  const source = await findSource(db, { name: request.name });
  const secrets = source ? await liveSecrets(db, source.id, now) : [];
  const proof =
    source?.auth === "signature"
      ? await checkSignature(ctx, secrets, request)
      : checkBearer(source?.auth === "bearer" ? secrets : [], request.headers);
  if (source && proof.ok) return { source, messageId: proof.messageId };
  const { code, message } = proof.ok ? WRONG : proof;
  if (source)
    await countRefusal({ db, actor: NOBODY, now }, source, { code, message, sourceIp: request.sourceIp });
  throw new UnauthenticatedError(code, message);
}

type Proof = { ok: true; messageId: string | null } | { ok: false; code: string; message: string };

const WRONG = {
  ok: false,
  code: "hook_secret_wrong",
  message:
    "No source of this name has this secret. Send the secret that was shown as Authorization: Bearer <secret>, or rotate it in the settings.",
} as const;

/** Every secret is compared, in constant time, and one that cannot match where there is none. */
function checkBearer(secrets: readonly SecretRow[], headers: Headers): Proof {
  const shown = sha256(bearerToken(headers)?.slice(0, 512) ?? "");
  let holds = false;
  for (const { hash } of secrets.length > 0 ? secrets : [{ hash: NO_ONE }])
    holds = timingSafeEqual(shown, hash?.length === 32 ? hash : NO_ONE) || holds;
  return holds ? { ok: true, messageId: null } : WRONG;
}

async function checkSignature(
  { keys, now }: { keys: KeyStore; now: Date },
  secrets: readonly SecretRow[],
  { headers, body }: { headers: Headers; body: Buffer },
): Promise<Proof> {
  const opened = await Promise.all(
    secrets.flatMap(({ id, sealed }) => (sealed ? [openForRole(keys, signalSecretContext(id), sealed)] : [])),
  );
  const header = (name: string) => headers.get(`webhook-${name}`);
  const shown = { id: header("id"), timestamp: header("timestamp"), signature: header("signature") };
  const verdict = verifyStandardWebhook(opened, shown, body, now);
  return verdict.ok ? { ok: true, messageId: verdict.id } : verdict;
}
