"use client";

import { Button, Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../trpc/client.ts";
import type { AppOutput } from "../trpc/output.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";
import { AddPlace } from "./add-place.tsx";
import { kindWords, pointWords } from "./place-words.ts";

type Place = AppOutput["places"]["list"][number];

/** Where networks are: what impossible travel is measured by. */
export function Places() {
  const trpc = useTRPC();
  const places = useQuery(trpc.places.list.queryOptions());
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Place | null>(null);
  return (
    <Panel
      title="Places"
      note={
        <Button size="compact-xs" variant="default" onClick={() => setAdding(true)}>
          New place…
        </Button>
      }
      flush
    >
      <Loaded query={places} what="the places" rows={2}>
        {(rows) => <List rows={rows} onRemove={setRemoving} />}
      </Loaded>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title="New place"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <AddPlace onClose={() => setAdding(false)} />
      </Modal>
      {removing ? <Remove place={removing} onClose={() => setRemoving(null)} /> : null}
    </Panel>
  );
}

function List({ rows, onRemove }: { rows: Place[]; onRemove: (place: Place) => void }) {
  if (rows.length === 0)
    return (
      <EmptyState title="No network has a place">
        Say where the networks are that agents connect from: an agent that is seen in two places sooner than
        anything travels is limited, with an alert.
      </EmptyState>
    );
  return (
    <DataTable
      label="Places"
      rows={rows}
      rowKey={(one) => one.id}
      columns={[
        { key: "name", header: "Place", render: (one) => `${one.name}, ${one.country}` },
        { key: "prefix", header: "Network", render: (one) => <code>{one.prefix}</code> },
        { key: "kind", header: "Kind", wideOnly: true, render: (one) => kindWords(one.kind) },
        { key: "point", header: "Where", wideOnly: true, grow: true, render: (one) => pointWords(one) },
        {
          key: "act",
          header: "",
          align: "right",
          render: (one) => (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Remove ${one.name}, ${one.prefix}`}
              onClick={() => onRemove(one)}
            >
              Remove…
            </Button>
          ),
        },
      ]}
    />
  );
}

function Remove({ place: { id, name, prefix }, onClose }: { place: Place; onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const remove = useMutation(
    trpc.places.remove.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.places.pathFilter()),
    }),
  );
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Remove ${name}`}
      confirmLabel="Remove"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ placeId: id })}
    >
      Agents that connect from {prefix} are nowhere from then on, and no journey of theirs is seen.
    </ConfirmDialog>
  );
}
