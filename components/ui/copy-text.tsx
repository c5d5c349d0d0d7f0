"use client";

import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import classes from "./small.module.css";

type Props = { text: string; shown?: string; label: string };

/** Text that is copied whole at a press, though it may be shown short; `label` names what it is. */
export function CopyText({ text, shown, label }: Props) {
  const clipboard = useClipboard({ timeout: 1_500 });
  return (
    <button
      type="button"
      className={classes.copy}
      title={text}
      aria-label={`Copy ${label}: ${shown ?? text}`}
      onClick={(event) => {
        event.stopPropagation();
        clipboard.copy(text);
      }}
    >
      <span className={`mono ${classes.copyText}`}>{shown ?? text}</span>
      {clipboard.copied ? <IconCheck size={13} aria-hidden /> : <IconCopy size={13} aria-hidden />}
      <span className="visually-hidden" aria-live="polite">
        {clipboard.copied ? "copied" : ""}
      </span>
    </button>
  );
}
