import type { Metadata } from "next";
import { IsolationView } from "#components/isolation/isolation-view.tsx";

export const metadata: Metadata = { title: "Isolation" };

export default function IsolationPage() {
  return <IsolationView />;
}
