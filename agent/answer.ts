import { AgentError } from "./errors.ts";

/** An answer of one of the doors, read whole. */
export type DoorAnswer = { status: number; body: unknown; retryAfterMs: number | null };

/** An answer that refuses, as an error that says what the door said. */
export function refusalOf(answer: DoorAnswer): AgentError {
  const body = (answer.body ?? {}) as Record<string, unknown>;
  const stated = body.error;
  if (typeof stated === "object" && stated !== null) {
    const { code, message, facts } = stated as { code?: string; message?: string; facts?: object };
    return new AgentError(code ?? "refused", answer.status, message ?? "Vigil refused.", { ...facts });
  }
  if (typeof stated === "string")
    return new AgentError(stated, answer.status, String(body.error_description ?? stated), {
      ...(typeof body.refused === "object" ? { refused: body.refused } : {}),
    });
  return new AgentError(
    "unexpected_answer",
    answer.status,
    `Vigil answered ${answer.status} without a reason.`,
  );
}

/** `Retry-After` in milliseconds (RFC 9110 §10.2.3: seconds or a date), or null where it says nothing. */
export function retryAfterMs(field: string | string[] | undefined, now: Date): number | null {
  const text = Array.isArray(field) ? field[0] : field;
  if (text === undefined) return null;
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
