"use client";

import { Modal, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, useState } from "react";
import classes from "./search.module.css";
import { type Found, useSearch } from "./use-search.ts";

/** Finds pages, agents, alerts, incidents and transactions, and goes there. Arrow keys choose, Enter goes. */
export function Search({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal.Root opened={opened} onClose={onClose} yOffset="12vh" centered={false} size="lg" padding={0}>
      <Modal.Overlay backgroundOpacity={0.6} />
      <Modal.Content aria-label="Search and commands">
        <Modal.Body>
          <SearchBox onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function SearchBox({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text, 120);
  const [chosen, setChosen] = useState(0);
  const { found, pending } = useSearch(asked.trim());
  const at = Math.min(chosen, Math.max(0, found.length - 1));
  const go = (item: Found | undefined) => {
    if (!item) return;
    onClose();
    router.push(item.href);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setChosen(Math.min(at + 1, found.length - 1));
    else if (event.key === "ArrowUp") setChosen(Math.max(0, at - 1));
    else if (event.key === "Enter") go(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <div>
      <TextInput
        aria-label="Search"
        placeholder="Agent, AL-12, INC-3, transaction id, page"
        leftSection={<IconSearch size={15} aria-hidden />}
        variant="unstyled"
        size="md"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
        data-autofocus
        role="combobox"
        aria-expanded
        aria-controls="search-results"
        aria-activedescendant={found[at] ? `found-${at}` : undefined}
        autoComplete="off"
        className={classes.box}
      />
      <div id="search-results" role="listbox" aria-label="Results" className={classes.list}>
        {found.map((item, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above holds the focus and its keys
          <div
            key={item.href + item.title}
            id={`found-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className={classes.item}
            onClick={() => go(item)}
            onMouseMove={() => setChosen(index)}
          >
            <span>{item.title}</span>
            <span className={classes.detail}>{item.detail}</span>
            <span className={classes.kind}>{item.kind}</span>
          </div>
        ))}
      </div>
      {found.length === 0 ? (
        <p className={classes.none} role="status">
          {pending ? "Searching…" : "Nothing found under this name."}
        </p>
      ) : null}
    </div>
  );
}
