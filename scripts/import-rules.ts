/** The import directions of AGENTS.md, as data: the first area whose pattern fits a file is the file's own. */
export type Area = { name: string; files: RegExp; mayImport: RegExp; teach: string };

const KERNEL = "server/kernel/";
const LEAVES =
  "server/layers/\\w+/(([\\w-]+-)?schema|action)\\.ts|server/incidents/(schema|views)\\.ts|server/layers\\.ts|server/access/permissions\\.ts";

export const AREAS: readonly Area[] = [
  {
    name: "tests",
    files: /\.test\.tsx?$|\/testing\/|^e2e\/|^bench\//,
    mayImport: /./,
    teach: "",
  },
  {
    name: "kernel",
    files: /^server\/kernel\//,
    mayImport: new RegExp(`^${KERNEL}`),
    teach:
      "The kernel imports nothing of ours. What needs a layer or the database belongs in that layer or a flow.",
  },
  {
    name: "engine",
    files: /^server\/(layers\/\w+|incidents)\/engine\//,
    mayImport: new RegExp(`^(${KERNEL}|server/(layers/\\w+|incidents)/engine/|${LEAVES})`),
    teach:
      "An engine is pure: it takes facts and `now`, and imports engines, schemas and the kernel. Load the facts in the verb and pass them in.",
  },
  {
    name: "schema",
    files: new RegExp(`^(${LEAVES})$`),
    mayImport: new RegExp(`^(${KERNEL}|${LEAVES})`),
    teach: "A schema is a leaf that the browser imports too: zod, enums and types only.",
  },
  {
    name: "layer",
    files: /^server\/layers\/(?<layer>\w+)\//,
    mayImport: new RegExp(
      `^(${KERNEL}|server/layers/\\k<layer>/|server/layers/audit/(append|schema)\\.ts|server/access/|server/keys/|db/|${LEAVES})`,
    ),
    teach:
      "Layers do not know each other. A story that crosses layers is a flow: move it to server/flows and pass what the layer needs as an argument.",
  },
  {
    name: "incidents",
    files: /^server\/incidents\//,
    mayImport: new RegExp(
      `^(${KERNEL}|server/incidents/|server/layers/audit/(append|schema)\\.ts|server/access/|server/keys/|db/|${LEAVES})`,
    ),
    teach: "Incidents are a layer as far as imports go. Compose them with other layers in server/flows.",
  },
  {
    name: "access",
    files: /^server\/access\//,
    mayImport: new RegExp(
      `^(${KERNEL}|server/access/|server/keys/|server/env\\.ts|server/layers/audit/(append|schema)\\.ts|db/)`,
    ),
    teach: "Access knows people, not layers.",
  },
  {
    name: "keys",
    files: /^server\/keys\//,
    mayImport: new RegExp(`^(${KERNEL}|server/keys/|server/env\\.ts|db/)`),
    teach: "The key store knows keys alone.",
  },
  {
    name: "outbox",
    files: /^server\/integrations\/outbox\//,
    mayImport: new RegExp(
      `^(${KERNEL}|server/integrations/outbox/|server/layers/audit/append\\.ts|server/keys/|db/|${LEAVES})`,
    ),
    teach:
      "The outbox is a table and its queue. What is sent, and why, is decided by the flow that enqueues it.",
  },
  {
    name: "integrations",
    files: /^server\/integrations\//,
    mayImport: new RegExp(`^(${KERNEL}|server/integrations/|${LEAVES})`),
    teach:
      "An integration speaks to one outside system; it is handed what to send. The duty or flow that uses it loads the facts.",
  },
  {
    name: "flows",
    files: /^server\/flows\//,
    mayImport: new RegExp(
      `^(${KERNEL}|server/(flows|layers|incidents|integrations|access|keys)/|server/(env|layers)\\.ts|db/)`,
    ),
    teach: "A flow composes layers; doors (gateway, trpc, worker) call flows, never the other way round.",
  },
  {
    name: "doors",
    files: /^server\/(gateway|trpc|worker|supervisor|demo)\/|^server\/(main|console)\.ts$|^cli\//,
    mayImport: /^(server\/|db\/|agent\/|cli\/)/,
    teach: "A door calls flows, layers and access. What a screen needs belongs in components/.",
  },
  {
    name: "server root",
    files: /^server\//,
    mayImport: new RegExp(`^(${KERNEL}|server/env\\.ts|db/)`),
    teach: "A file directly in server/ is read by everybody, so it imports almost nothing.",
  },
  {
    name: "agent",
    files: /^agent\//,
    mayImport: new RegExp(
      `^(agent/|${KERNEL}|${LEAVES}|server/layers/monitoring/engine/|server/layers/identity/engine/)`,
    ),
    teach:
      "An agent installs this: only the kernel's pure parts, schema leaves and the engines named here may come along, never the database or a layer's verbs.",
  },
  {
    name: "db",
    files: /^db\//,
    mayImport: /^db\//,
    teach: "The database client and schema import nothing of ours.",
  },
  {
    name: "plain components",
    files: /^components\/(ui|charts)\//,
    mayImport: /^components\/(ui|charts)\//,
    teach:
      "ui and charts take data by props and know nothing of Vigil. Shape the data in components/<layer>.",
  },
  {
    name: "components",
    files: /^components\//,
    mayImport: new RegExp(`^(components/|${LEAVES}|server/trpc/root\\.ts)`),
    teach:
      "Components read the server through the tRPC client (types of server/trpc/root.ts alone) and schema leaves.",
  },
  {
    name: "route handlers",
    files: /^app\/.*route\.tsx?$|^proxy\.ts$/,
    mayImport: /^(app|components)\/|^server\/(trpc|flows|access|kernel|layers)\/|^server\/(env|layers)\.ts/,
    teach: "A route handler calls trpc, flows or access, nothing deeper.",
  },
  {
    name: "pages",
    files: /^app\//,
    mayImport: new RegExp(`^((app|components)/|${LEAVES}|server/trpc/|server/access/)`),
    teach:
      "Pages route: they compose components and prefetch through trpc. Queries and rules belong on the server.",
  },
];

export type Violation = { file: string; imports: string; area: string; teach: string };

/** What breaks the directions: each file's imports, as paths from the root, against its area's rule. */
export function importViolations(
  imports: readonly { file: string; imports: string; typeOnly: boolean }[],
): Violation[] {
  return imports.flatMap(({ file, imports: target }) => {
    const area = AREAS.find((one) => one.files.test(file));
    if (!area) return [];
    const layer = area.files.exec(file)?.groups?.layer ?? "";
    const rule = new RegExp(area.mayImport.source.replace("\\k<layer>", layer));
    return rule.test(target) ? [] : [{ file, imports: target, area: area.name, teach: area.teach }];
  });
}

const IMPURE =
  /\bDate\.now\b|new Date\(\)|Math\.random|process\.env|performance\.now|from "(?:pg|drizzle-orm[^"]*|next[^"]*|react[^"]*)"/;

/** Lines of an engine that read a clock, the environment, a database or chance. */
export function impureLines(text: string): number[] {
  return text
    .split("\n")
    .flatMap((line, index) => (IMPURE.test(line.replace(/^\s*\*.*|\/\/.*/, "")) ? [index + 1] : []));
}
