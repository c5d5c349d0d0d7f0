/** Facts that travel with an error to the screen and the log; never secrets, never payloads. */
export type ErrorFacts = Record<string, string | number | boolean | null>;

/**
 * An error that a person or an agent is meant to read: a stable code, what happened, and what to do.
 * Doors map `status` to their protocol once; anything that is not a VigilError leaks nothing.
 */
export class VigilError extends Error {
  readonly code: string;
  readonly status: number;
  readonly facts: ErrorFacts;

  constructor(code: string, status: number, message: string, facts: ErrorFacts = {}) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.status = status;
    this.facts = facts;
  }
}

/** The input is malformed or breaks a stated limit (400). */
export class InvalidInputError extends VigilError {
  constructor(code: string, message: string, facts?: ErrorFacts) {
    super(code, 400, message, facts);
  }
}

/** Nobody proved who they are (401). */
export class UnauthenticatedError extends VigilError {
  constructor(code: string, message: string, facts?: ErrorFacts) {
    super(code, 401, message, facts);
  }
}

/** The caller is known and may not do this (403). */
export class ForbiddenError extends VigilError {
  constructor(code: string, message: string, facts?: ErrorFacts) {
    super(code, 403, message, facts);
  }
}

/** The thing named does not exist, or the caller may not know that it does (404). */
export class NotFoundError extends VigilError {
  constructor(code: string, message: string, facts?: ErrorFacts) {
    super(code, 404, message, facts);
  }
}

/** Somebody else changed it first, or the state does not allow it (409). */
export class ConflictError extends VigilError {
  constructor(code: string, message: string, facts?: ErrorFacts) {
    super(code, 409, message, facts);
  }
}

/** Vigil cannot do it now; trying again later may work (503). */
export class UnavailableError extends VigilError {
  constructor(code: string, message: string, facts?: ErrorFacts) {
    super(code, 503, message, facts);
  }
}
