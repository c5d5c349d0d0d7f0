"use client";

import { TextInput } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { type FormEvent, useEffect, useState } from "react";
import classes from "./alerts.module.css";

type Fault = {
  message: string;
  data?: { vigil?: { code?: string; facts?: Record<string, unknown> } } | null;
} | null;
type Pill = { text: string; from: number; to: number };
type Props = {
  query: string;
  onChange: (query: string) => void;
  pills: readonly Pill[];
  error: Fault;
};

/** The query as text and as pills; what cannot be read is pointed at, and the list stays. */
export function AlertQuery({ query, onChange, pills, error }: Props) {
  const [text, setText] = useState(query);
  useEffect(() => setText(query), [query]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange(text.trim());
  };
  const place = error?.data?.vigil?.code === "query_invalid" ? Number(error.data.vigil.facts?.at ?? 0) : null;
  const without = ({ from, to }: Pill) =>
    `${query.slice(0, from)} ${query.slice(to)}`
      .replace(/\s+/g, " ")
      .trim()
      .replace(/^and |(?: and)+$|(?<= )and and /g, "");
  return (
    <div className={classes.query}>
      <search>
        <form onSubmit={submit} aria-label="Query of the alerts">
          <TextInput
            aria-label="Query"
            placeholder='severity >= high and not owner:none, agent:aml-*, age > 24h, "words"'
            leftSection={<IconSearch size={14} aria-hidden />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            error={
              place === null ? undefined : <Pointed text={query} at={place} message={error?.message ?? ""} />
            }
            autoComplete="off"
            spellCheck={false}
            maxLength={1_000}
          />
        </form>
      </search>
      {place === null && pills.length > 0 ? (
        <ul className={classes.pills} aria-label="Parts of the query">
          {pills.map((pill) => (
            <li key={pill.from}>
              <button
                type="button"
                onClick={() => onChange(without(pill))}
                aria-label={`Take out ${pill.text}`}
              >
                <span className="mono">{pill.text}</span>
                <IconX size={11} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

/** The query with a caret below the character that could not be read, and why. */
function Pointed({ text, at, message }: { text: string; at: number; message: string }) {
  const from = Math.max(0, at - 40);
  return (
    <span>
      <span className={`mono ${classes.caret}`} aria-hidden>
        {text.slice(from, at + 20)}
        {"\n"}
        {" ".repeat(at - from)}^
      </span>
      <span>
        At character {at + 1}: {message}
      </span>
    </span>
  );
}
