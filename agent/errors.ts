/** Why Vigil did not do what the agent asked: a stable code, a sentence, and whether trying later may help. */
export class AgentError extends Error {
  readonly code: string;
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  readonly facts: Record<string, unknown>;

  constructor(code: string, status: number, message: string, facts: Record<string, unknown> = {}) {
    super(message);
    this.name = "AgentError";
    this.code = code;
    this.status = status;
    this.facts = facts;
  }
}
