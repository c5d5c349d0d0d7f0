import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleFilled,
  IconDiamondFilled,
  IconInfoCircleFilled,
  IconSquareRoundedXFilled,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./badge.module.css";
import { severityTone, statusTone, type Tone } from "./tone.ts";

const SIZE = 11;

// One shape for each tone, so that state survives without colour.
const ICONS: Record<Tone, ReactNode> = {
  critical: <IconSquareRoundedXFilled size={SIZE} aria-hidden />,
  high: <IconAlertTriangleFilled size={SIZE} aria-hidden />,
  medium: <IconDiamondFilled size={SIZE} aria-hidden />,
  low: <IconInfoCircleFilled size={SIZE} aria-hidden />,
  ok: <IconCircleCheckFilled size={SIZE} aria-hidden />,
  neutral: <IconCircleFilled size={7} aria-hidden />,
  brand: <IconInfoCircleFilled size={SIZE} aria-hidden />,
};

/** A word with its tone and the tone's own shape. */
export function Badge({ tone, outline, children }: { tone: Tone; outline?: boolean; children: ReactNode }) {
  return (
    <span className={`${classes.badge} ${classes[tone]} ${outline ? classes.outline : ""}`}>
      {outline ? null : ICONS[tone]}
      {children}
    </span>
  );
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** How bad: shape, word and colour. */
export function SeverityBadge({ severity }: { severity: string }) {
  return <Badge tone={severityTone(severity)}>{capital(severity)}</Badge>;
}

/** A stored state as a badge, in words: `deny_all` reads "deny all". */
export function StatusBadge({ status, label }: { status: string; label?: string }) {
  return <Badge tone={statusTone(status)}>{label ?? status.replace(/[_-]+/g, " ")}</Badge>;
}

/** The shape of a tone alone, for a line that carries its word beside it. */
export function ToneIcon({ tone }: { tone: Tone }) {
  return (
    <span className={classes[tone]} style={{ color: "var(--tone)", display: "inline-flex" }}>
      {ICONS[tone]}
    </span>
  );
}
