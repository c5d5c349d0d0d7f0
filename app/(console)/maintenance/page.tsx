import type { Metadata } from "next";
import { MaintenanceView } from "#components/monitoring/learning/maintenance-view.tsx";

export const metadata: Metadata = { title: "Maintenance" };

export default function MaintenancePage() {
  return <MaintenanceView />;
}
