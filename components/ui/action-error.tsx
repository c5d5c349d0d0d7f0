import { ToneIcon } from "./badge.tsx";

/** Why an act was refused, in the server's words, beside the button that was pressed. */
export function ActionError({ error }: { error: { message: string } | null | undefined }) {
  if (!error) return null;
  return (
    <p role="alert" style={{ display: "flex", gap: 6, alignItems: "baseline", color: "var(--v-critical)" }}>
      <ToneIcon tone="critical" />
      <span>{error.message}</span>
    </p>
  );
}
