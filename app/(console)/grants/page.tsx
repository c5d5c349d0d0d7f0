import { GrantsView } from "#components/authorization/grants-view.tsx";

export const metadata = { title: "Live grants" };

export default function GrantsPage() {
  return <GrantsView />;
}
