"use client";

import { Button, Group, Modal } from "@mantine/core";
import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";
import { useOperator } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { CodeDialog } from "../ui/code-dialog.tsx";
import { toMs } from "../ui/format.ts";
import { serverNowMs } from "../ui/server-clock.ts";
import { vigilCode } from "./vigil-code.ts";

type Ask = () => Promise<boolean>;
const StepUp = createContext<Ask>(() => Promise.resolve(false));

/** Holds the dialog that asks for the second factor when an act needs it. */
export function StepUpProvider({ children }: { children: ReactNode }) {
  const trpc = useTRPC();
  const { hasTotp } = useOperator();
  const [opened, setOpened] = useState(false);
  const answer = useRef<(confirmed: boolean) => void>(undefined);
  const confirm = useMutation(trpc.access.confirmStepUp.mutationOptions());
  const finish = (confirmed: boolean) => {
    setOpened(false);
    confirm.reset();
    answer.current?.(confirmed);
    answer.current = undefined;
  };
  const ask = useCallback<Ask>(() => {
    setOpened(true);
    return new Promise((resolve) => {
      answer.current?.(false);
      answer.current = resolve;
    });
  }, []);
  return (
    <StepUp.Provider value={ask}>
      {children}
      {hasTotp ? (
        <CodeDialog
          opened={opened}
          onClose={() => finish(false)}
          title="Confirm that it is you"
          pending={confirm.isPending}
          error={confirm.error}
          onCode={(code) => confirm.mutate({ code }, { onSuccess: () => finish(true) })}
        >
          This act goes on record as yours. Enter the code that your authenticator shows; it counts for five
          minutes.
        </CodeDialog>
      ) : (
        <NoFactor opened={opened} onClose={() => finish(false)} />
      )}
    </StepUp.Provider>
  );
}

function NoFactor({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="A second factor is needed" zIndex={300}>
      <p>This act goes on record as yours, so it needs an authenticator app, and you have none yet.</p>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button component={Link} href="/settings" onClick={onClose}>
          Set it up
        </Button>
      </Group>
    </Modal>
  );
}

/** What is left of a confirmation must be enough for the act itself to arrive. */
const MARGIN_MS = 5_000;

/**
 * Runs a mutation that wants a fresh second factor: asks for it first where the session's is over, and once
 * more where the server says so.
 *
 * @returns a function that resolves to what the server answered, or null where it refused (see the mutation's error).
 */
export function useSteppedUp<Input, Output>(
  mutation: Pick<UseMutationResult<Output, unknown, Input, unknown>, "mutateAsync">,
): (input: Input) => Promise<Output | null> {
  const trpc = useTRPC();
  const client = useQueryClient();
  const ask = useContext(StepUp);
  const isFresh = async () => {
    const me = await client.fetchQuery({ ...trpc.access.me.queryOptions(), staleTime: 0 }).catch(() => null);
    return !me || (me.steppedUpUntil !== null && toMs(me.steppedUpUntil) - serverNowMs() > MARGIN_MS);
  };
  return async (input) => {
    if (!(await isFresh()) && !(await ask())) return null;
    try {
      return await mutation.mutateAsync(input);
    } catch (error) {
      if (vigilCode(error) !== "step_up_required" || !(await ask())) return null;
      return mutation.mutateAsync(input).catch(() => null);
    }
  };
}
