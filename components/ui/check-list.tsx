import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";

type Check = { id: string; passed: boolean; detail: string };

type Props = {
  checks: readonly Check[];
  /** With each check's name before its reason. */
  named?: boolean;
};

/** A decision's checks as the engine said them, each with whether it passed. */
export function CheckList({ checks, named = false }: Props) {
  return (
    <ul style={{ listStyle: "none", margin: 0, padding: 0, display: "grid", gap: 6 }}>
      {checks.map((check) => (
        <li key={check.id} style={{ display: "flex", gap: 8, alignItems: "flex-start" }}>
          {check.passed ? (
            <IconCircleCheck
              size={16}
              color="var(--v-ok)"
              aria-hidden
              style={{ flex: "none", marginTop: 1 }}
            />
          ) : (
            <IconCircleX
              size={16}
              color="var(--v-critical)"
              aria-hidden
              style={{ flex: "none", marginTop: 1 }}
            />
          )}
          <span>
            <span className="visually-hidden">{check.passed ? "Passed: " : "Not passed: "}</span>
            {named ? <strong>{check.id.replaceAll("-", " ")}: </strong> : null}
            {check.detail}
          </span>
        </li>
      ))}
    </ul>
  );
}
