import { OverviewView } from "#components/overview/overview-view.tsx";
import { getPageQueryClient, HydrateClient, pageTrpc } from "../server-trpc.tsx";

export default function OverviewPage() {
  void getPageQueryClient().prefetchQuery(pageTrpc.overview.get.queryOptions());
  return (
    <HydrateClient>
      <OverviewView />
    </HydrateClient>
  );
}
