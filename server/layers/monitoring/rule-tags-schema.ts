import { z } from "zod";

/** Techniques of MITRE ATLAS 2026.09 that what agents do can show, under their published names. */
export const ATLAS_TECHNIQUES = {
  "AML.T0012": "Valid Accounts",
  "AML.T0025": "Exfiltration via Cyber Means",
  "AML.T0029": "Denial of AI Service",
  "AML.T0034.002": "Cost Harvesting: Agentic Resource Consumption",
  "AML.T0036": "Data from Information Repositories",
  "AML.T0051": "LLM Prompt Injection",
  "AML.T0053": "AI Agent Tool Invocation",
  "AML.T0057": "LLM Data Leakage",
  "AML.T0085": "Data from AI Services",
  "AML.T0085.001": "Data from AI Services: AI Agent Tools",
  "AML.T0086": "Exfiltration via AI Agent Tool Invocation",
  "AML.T0091": "Use Alternate Authentication Material",
} as const;

/** The OWASP Top 10 for Agentic Applications, version 2026. */
export const OWASP_AGENTIC = {
  ASI01: "Agent Goal Hijack",
  ASI02: "Tool Misuse and Exploitation",
  ASI03: "Identity and Privilege Abuse",
  ASI04: "Agentic Supply Chain Vulnerabilities",
  ASI05: "Unexpected Code Execution (RCE)",
  ASI06: "Memory & Context Poisoning",
  ASI07: "Insecure Inter-Agent Communication",
  ASI08: "Cascading Failures",
  ASI09: "Human-Agent Trust Exploitation",
  ASI10: "Rogue Agents",
} as const;

export type AtlasId = keyof typeof ATLAS_TECHNIQUES;
export type OwaspId = keyof typeof OWASP_AGENTIC;
const keysOf = <Key extends string>(table: Record<Key, string>) => Object.keys(table) as [Key, ...Key[]];

/** What a rule looks for, in the words of two published lists. An id that is in neither table is refused. */
export const ruleTags = z.strictObject({
  atlas: z.array(z.enum(keysOf(ATLAS_TECHNIQUES))).max(6),
  owasp: z.array(z.enum(keysOf(OWASP_AGENTIC))).max(6),
});
export type RuleTags = z.infer<typeof ruleTags>;
