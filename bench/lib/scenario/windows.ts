import { featuresOf } from "../../../server/layers/monitoring/engine/features.ts";
import {
  BELIEVED_BACK_MS,
  emptySlice,
  foldAction,
  SLICE_MS,
  type Slice,
  sliceOf,
  WINDOW_MS,
} from "../../../server/layers/monitoring/engine/slice.ts";
import type { WindowFeatures } from "../../../server/layers/monitoring/schema.ts";
import type { ScenarioAgent } from "./agents.ts";
import { changesClock, isHoliday, isMonthEnd, localTime } from "./calendar.ts";
import type { CallEvent, Episode } from "./event.ts";
import { benignAt, callsOf } from "./generate.ts";
import type { Scenario } from "./plan.ts";

/** A closed minute as the product measures it, with what is true of it. */
export type LabelledWindow = {
  /** End of the minute. */
  atMs: number;
  split: "learning" | "test";
  features: WindowFeatures;
  /** The attack whose calls are in it, or null. */
  attack: string | null;
  attackBytes: number;
  /** The benign change that it lies in, or null. */
  benign: string | null;
};

type Open = { slices: Map<number, Slice>; attack: string | null; attackBytes: number };

/** How long a minute may still change: what is believed, and the minute itself. */
const CLOSES_MS = BELIEVED_BACK_MS + WINDOW_MS;
/** Numbers of calls are remembered as long as a call may come again. */
const REMEMBERED = 20_000;

/**
 * An agent's minutes in order, those without any call left out, computed from its calls as they arrive by the product's
 * own fold: a call that came before is not counted again, one whose time is not believed counts as late.
 */
export function* windowsOf(scenario: Scenario, agent: ScenarioAgent): Generator<LabelledWindow> {
  const episodes = scenario.episodes.filter((episode) => episode.agent === agent.index);
  const open = new Map<number, Open>();
  const isNew = firstSeen();
  let nextMs = scenario.startMs;
  for (const call of callsOf(scenario, agent)) {
    while (nextMs + CLOSES_MS <= call.receivedMs) {
      const found = open.get(nextMs);
      open.delete(nextMs);
      nextMs += WINDOW_MS;
      if (found) yield close(scenario, episodes, nextMs, found);
    }
    if (isNew(call.id)) foldInto(open, call);
  }
  for (const [fromMs, found] of [...open].sort(([a], [b]) => a - b))
    if (fromMs < scenario.endMs) yield close(scenario, episodes, fromMs + WINDOW_MS, found);
}

/** What the gateway makes of a call. */
function foldInto(open: Map<number, Open>, call: CallEvent): void {
  const { sliceMs, late } = sliceOf(call.atMs, call.receivedMs);
  const fromMs = sliceMs - (sliceMs % WINDOW_MS);
  const window = open.get(fromMs) ?? { slices: new Map(), attack: null, attackBytes: 0 };
  open.set(fromMs, window);
  const slice = window.slices.get(sliceMs) ?? emptySlice();
  window.slices.set(sliceMs, slice);
  foldAction(slice, {
    action: call.action,
    atMs: call.atMs,
    endpoint: call.endpoint,
    bytes: call.bytes,
    sourceIp: call.sourceIp,
    peer: call.peer ?? undefined,
    dataAccessed: [call.object],
    refused: call.refused,
    late,
  });
  if (!call.attack || late) return;
  window.attack = call.attack;
  window.attackBytes += call.bytes;
}

function close(scenario: Scenario, episodes: readonly Episode[], atMs: number, open: Open): LabelledWindow {
  const slices = [...open.slices].sort(([a], [b]) => a - b).map(([, slice]) => slice);
  return {
    atMs,
    split: atMs <= scenario.testMs ? "learning" : "test",
    features: featuresOf(slices),
    attack: open.attack,
    attackBytes: open.attackBytes,
    benign: benignAt(episodes, atMs - SLICE_MS)[0]?.kind ?? calendarAt(atMs - SLICE_MS),
  };
}

function calendarAt(atMs: number): string | null {
  const { day } = localTime(atMs);
  if (isHoliday(day)) return "holiday";
  if (isMonthEnd(day)) return "month-end";
  return changesClock(day) ? "clock-change" : null;
}

function firstSeen(): (id: string) => boolean {
  let [recent, older] = [new Set<string>(), new Set<string>()];
  return (id) => {
    if (recent.has(id) || older.has(id)) return false;
    recent.add(id);
    if (recent.size > REMEMBERED) [recent, older] = [new Set(), recent];
    return true;
  };
}
