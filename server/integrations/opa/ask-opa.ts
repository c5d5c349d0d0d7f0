import {
  type DecisionOpinion,
  opaAnswer,
  type PolicyDecisionPoint,
  REASON_CHARS_MAX,
  REASONS_MAX,
} from "../../layers/authorization/decision-schema.ts";

/** An agent waits for its token meanwhile. */
const ANSWER_MS_MAX = 500;
const ANSWER_BYTES_MAX = 256 * 1_024;
const BY = "The bank's decision point (OPA)";

/**
 * Open Policy Agent as a decision point, by its data API: `POST <url>/v1/data/vigil/authz` with the question as
 * `input`. Its `allow` names each scope. Away, slow, malformed or undefined is no answer.
 *
 * @param url where OPA listens, without a path of the API.
 */
export function opaDecisionPoint(url: string): PolicyDecisionPoint {
  const address = new URL("v1/data/vigil/authz", url.endsWith("/") ? url : `${url}/`);
  return {
    ask: async (question) => {
      try {
        const answer = await fetch(address, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ input: question }),
          redirect: "error",
          signal: AbortSignal.timeout(ANSWER_MS_MAX),
        });
        if (answer.status !== 200) {
          await answer.body?.cancel();
          return away(`it answered with status ${answer.status}`);
        }
        return read(await boundedText(answer));
      } catch (error) {
        return away(reasonOf(error));
      }
    },
  };
}

function read(text: string | null): DecisionOpinion {
  if (text === null) return away(`its answer is longer than ${ANSWER_BYTES_MAX} bytes`);
  const { success, data } = opaAnswer.safeParse(JSON.parse(text));
  if (!success) return away("its answer says of no scope whether it is allowed");
  const { allow, reasons } = data.result;
  const scopes = Object.entries(allow).map(([scope, allowed]) => [
    scope,
    {
      allow: allowed,
      reasons: (Object.hasOwn(reasons, scope) ? (reasons[scope] ?? []) : [])
        .slice(0, REASONS_MAX)
        .map(readable),
    },
  ]);
  return { by: BY, answered: true, scopes: Object.fromEntries(scopes) };
}

async function boundedText(answer: Response): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    bytes += part.byteLength;
    if (bytes > ANSWER_BYTES_MAX) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function reasonOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  if (name === "TimeoutError") return `it did not answer within ${ANSWER_MS_MAX} ms`;
  if (error instanceof SyntaxError) return "its answer is not JSON";
  return cause?.code ? `it cannot be reached (${cause.code})` : "it cannot be reached";
}

/** Reasons come from outside and end in records and on screens. */
function readable(reason: string): string {
  return reason.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").slice(0, REASON_CHARS_MAX);
}

function away(why: string): DecisionOpinion {
  return { by: BY, answered: false, why };
}
