import type { Metadata } from "next";
import { BreakGlassLog } from "#components/authorization/break-glass-log.tsx";

export const metadata: Metadata = { title: "Break-glass log" };

export default function BreakGlassPage() {
  return <BreakGlassLog />;
}
