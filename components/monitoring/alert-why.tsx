import { z } from "zod";
import { type AlertView, contribution } from "#server/layers/monitoring/schema.ts";
import { CheckList } from "../ui/check-list.tsx";
import { toWords } from "../ui/format.ts";
import { Facts } from "../ui/page-head.tsx";
import { Contributions } from "./contributions.tsx";

const contributions = z.array(contribution);
const checks = z.array(z.object({ id: z.string(), passed: z.boolean(), detail: z.string() }));

/** What the alert rests on: contributions with what is usual, the checks of a decision, or the plain facts. */
export function AlertWhy({ alert }: { alert: AlertView }) {
  const { contributions: parts, checks: decided, ...rest } = alert.detail;
  const measured = contributions.safeParse(parts);
  const judged = checks.safeParse(decided);
  const facts = Object.entries(rest).filter(([name, value]) => !/Id$|^score$/.test(name) && isPlain(value));
  return (
    <>
      {measured.success && measured.data.length > 0 ? <Contributions contributions={measured.data} /> : null}
      {judged.success && judged.data.length > 0 ? <CheckList checks={judged.data} /> : null}
      {facts.length > 0 ? (
        <Facts facts={facts.map(([name, value]) => [sentence(name), plain(value)] as const)} />
      ) : null}
    </>
  );
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every((item) => typeof item !== "object");
  return value !== null && typeof value !== "object" && value !== "";
}

function plain(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** `sourceIp` and `source_ip` as `Source ip`. */
function sentence(name: string): string {
  const words = toWords(name.replace(/([a-z])([A-Z])/g, "$1 $2")).toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
