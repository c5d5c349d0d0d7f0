import type { Metadata } from "next";
import { ClockCalculator } from "#components/incidents/clock-calculator.tsx";

export const metadata: Metadata = { title: "Clock calculator" };

export default function ClocksPage() {
  return <ClockCalculator />;
}
