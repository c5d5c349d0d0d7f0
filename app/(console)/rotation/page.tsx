import type { Metadata } from "next";
import { RotationView } from "#components/rotation/rotation-view.tsx";

export const metadata: Metadata = { title: "Rotation" };

export default function RotationPage() {
  return <RotationView />;
}
