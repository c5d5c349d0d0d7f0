"use client";

import { ErrorState } from "#components/ui/notices.tsx";

export default function ConsoleError({ error, reset }: { error: Error; reset: () => void }) {
  return <ErrorState what="this page" error={error} retry={reset} />;
}
