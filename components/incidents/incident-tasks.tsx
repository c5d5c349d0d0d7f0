"use client";

import { Checkbox } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Fragment } from "react";
import type { IncidentDetail } from "#server/incidents/views.ts";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./incidents.module.css";

type Task = IncidentDetail["tasks"][number];

/** The playbook's tasks by hours since detection. Ticking one is shown at once, and taken back where it failed. */
export function IncidentTasks({ incident }: { incident: IncidentDetail }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const mayWork = usePermits("incidents.work");
  const filter = trpc.incidents.get.queryFilter({ number: incident.number });
  const set = useMutation(
    trpc.incidents.setTask.mutationOptions({
      onMutate: ({ taskId, done }) => {
        client.setQueriesData<IncidentDetail>(filter, (old) =>
          old
            ? {
                ...old,
                tasks: old.tasks.map((task) => (task.id === taskId ? ticked(task, done === true) : task)),
              }
            : old,
        );
      },
      onSettled: () => client.invalidateQueries(filter),
    }),
  );
  const phases = [...new Set(incident.tasks.map(({ phase }) => phase))];
  return (
    <Panel title="Tasks" note={`${incident.tasksDone} of ${incident.tasksTotal}`} flush>
      <ActionError error={set.error} />
      {phases.map((phase) => (
        <Fragment key={phase}>
          <div className={classes.phase}>Hour {phase}</div>
          <ul className={classes.rows}>
            {incident.tasks
              .filter((task) => task.phase === phase)
              .map((task) => (
                <li key={task.id} className={classes.row}>
                  <Checkbox
                    className={classes.rowText}
                    label={task.title}
                    checked={task.doneAt !== null}
                    disabled={!mayWork || incident.status === "closed"}
                    onChange={(event) => set.mutate({ taskId: task.id, done: event.currentTarget.checked })}
                  />
                  <span className={classes.rowSide}>{task.doneBy?.email ?? task.owner?.email ?? ""}</span>
                </li>
              ))}
          </ul>
        </Fragment>
      ))}
    </Panel>
  );
}

function ticked(task: Task, done: boolean): Task {
  // The instant and the person come with the server's answer; until then it only counts that it is ticked.
  return { ...task, doneAt: done ? (task.doneAt ?? new Date(0)) : null, doneBy: done ? task.doneBy : null };
}
