export * from "./access.ts";
export * from "./audit.ts";
export * from "./authorization.ts";
export * from "./identity.ts";
export * from "./incidents.ts";
export * from "./isolation.ts";
export * from "./monitoring.ts";
export * from "./work.ts";
