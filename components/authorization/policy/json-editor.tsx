"use client";

import { Button, Textarea } from "@mantine/core";
import { useRef } from "react";
import { ToneIcon } from "../../ui/badge.tsx";
import page from "../../ui/page.module.css";
import { Panel } from "../../ui/panel.tsx";
import classes from "./policy.module.css";
import type { Problem } from "./policy-draft.ts";

type Props = { text: string; problems: readonly Problem[]; onChange: (text: string) => void };

const SHOWN_MAX = 20;

/** The whole policy as JSON, with what is wrong and the line where it is. */
export function JsonEditor({ text, problems, onChange }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const goTo = (line: number) => {
    const lines = text.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, it) => sum + it.length + 1, 0);
    const input = area.current;
    if (!input) return;
    input.focus();
    input.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    input.scrollTop = (input.scrollHeight / lines.length) * Math.max(0, line - 6);
  };
  return (
    <Panel title="The policy as JSON" note={`${text.split("\n").length} lines`}>
      <div className={page.form}>
        <Textarea
          ref={area}
          className={classes.json}
          aria-label="The policy as JSON"
          rows={28}
          spellCheck={false}
          value={text}
          error={problems.length > 0 ? `${problems.length} to correct` : undefined}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        <Problems problems={problems} goTo={goTo} />
      </div>
    </Panel>
  );
}

/** What is wrong with a draft; with a way to its line where the text is shown. */
export function Problems({
  problems,
  goTo,
}: {
  problems: readonly Problem[];
  goTo?: (line: number) => void;
}) {
  if (problems.length === 0) return null;
  return (
    <ul className={classes.errors} aria-label="What is wrong">
      {problems.slice(0, SHOWN_MAX).map(({ message, line }) => (
        <li key={`${line} ${message}`}>
          <ToneIcon tone="high" />
          <span>
            {line !== null && goTo ? (
              <Button size="compact-xs" variant="default" onClick={() => goTo(line)}>
                Line {line}
              </Button>
            ) : null}{" "}
            {message}
          </span>
        </li>
      ))}
      {problems.length > SHOWN_MAX ? <li className="muted">and {problems.length - SHOWN_MAX} more</li> : null}
    </ul>
  );
}
