"use client";

import { Modal, Switch } from "@mantine/core";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { Kbd } from "../ui/kbd.tsx";
import { setSingleKeys, singleKeysOn } from "../ui/single-keys.ts";
import { isSingleKey } from "../ui/use-row-keys.ts";
import { GO_TO, SHORTCUTS } from "./shortcut-list.ts";

const OPEN_EVENT = "vigil:shortcuts";
const CHORD_MS = 1_200;

/** Opens the sheet of shortcuts from anywhere. */
export function openShortcuts(): void {
  window.dispatchEvent(new Event(OPEN_EVENT));
}

/** The `?` sheet, and the keys of the whole console: g then a letter goes to a page, / searches. */
export function Shortcuts({ onSearch }: { onSearch: () => void }) {
  const [opened, setOpened] = useState(false);
  const router = useRouter();
  useEffect(() => {
    let gAtMs = Number.NEGATIVE_INFINITY;
    const open = () => setOpened(true);
    const onKey = (event: KeyboardEvent) => {
      if (!isSingleKey(event)) return;
      const path = GO_TO[event.key];
      if (path && event.timeStamp - gAtMs < CHORD_MS) {
        event.preventDefault();
        router.push(path);
      } else if (event.key === "?") open();
      else if (event.key === "/") {
        event.preventDefault();
        onSearch();
      }
      gAtMs = event.key === "g" ? event.timeStamp : Number.NEGATIVE_INFINITY;
    };
    window.addEventListener(OPEN_EVENT, open);
    // Before the rows' own keys, so that `g a` does not also assign the focused alert.
    document.addEventListener("keydown", onKey, true);
    return () => {
      window.removeEventListener(OPEN_EVENT, open);
      document.removeEventListener("keydown", onKey, true);
    };
  }, [router, onSearch]);
  return (
    <Modal
      opened={opened}
      onClose={() => setOpened(false)}
      title="Keyboard shortcuts"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Sheet />
    </Modal>
  );
}

function Sheet() {
  const [on, setOn] = useState(singleKeysOn);
  return (
    <>
      <Switch
        mb="md"
        label="Single-key shortcuts in this browser"
        checked={on}
        onChange={(event) => {
          setSingleKeys(event.currentTarget.checked);
          setOn(event.currentTarget.checked);
        }}
      />
      <dl style={{ display: "grid", gridTemplateColumns: "120px 1fr", gap: "8px 14px", margin: 0 }}>
        {SHORTCUTS.map(({ keys, does }) => (
          <div key={does} style={{ display: "contents" }}>
            <dt style={{ display: "flex", gap: 4 }}>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd style={{ margin: 0 }}>{does}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
