import { OverviewView } from "#components/overview/overview-view.tsx";
import { getPageQueryClient, HydrateClient, pageTrpc } from "../server-trpc.tsx";

export default async function OverviewPage() {
  // Awaited: what arrives between the server's rendering and the browser's would differ between the two.
  await getPageQueryClient().prefetchQuery(pageTrpc.overview.get.queryOptions());
  return (
    <HydrateClient>
      <OverviewView />
    </HydrateClient>
  );
}
