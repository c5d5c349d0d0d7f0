import type { SignalGap, StreamState } from "../../signal-schema.ts";

/** Ranges kept apart for one stream; beyond, the two oldest become one. */
export const GAPS_MAX = 50;

export const NEW_STREAM: StreamState = { v: 1, highest: null, gaps: [], lost: null };

/**
 * A stream after one more of its numbers. Numbers left out are a gap until they come late, which closes the range, cuts
 * it or splits it. A stream begins where it is first seen: what was before cannot be missed.
 *
 * @returns the state, and the gap that this number opened.
 */
export function followSequence(
  state: StreamState,
  sequence: number,
  at: Date,
): { state: StreamState; opened: SignalGap | null } {
  const { highest } = state;
  if (highest === null) return { state: { ...state, highest: sequence }, opened: null };
  if (sequence <= highest) return { state: { ...state, gaps: fill(state.gaps, sequence) }, opened: null };
  if (sequence === highest + 1) return { state: { ...state, highest: sequence }, opened: null };
  const [first, last] = [highest + 1, sequence - 1];
  const opened: SignalGap = {
    kind: "sequence",
    first,
    last,
    missing: last - first + 1,
    noticedAt: at.toISOString(),
  };
  return { state: { ...state, highest: sequence, gaps: bounded([...state.gaps, opened]) }, opened };
}

/**
 * A stream after its source said how many events it lost since it started. A smaller count of the same start is an
 * older message and says nothing; a new start counts from zero.
 *
 * @returns the state, and what was lost since it was last told.
 */
export function followLosses(
  state: StreamState,
  told: { startedAt: string; count: number },
  at: Date,
): { state: StreamState; opened: SignalGap | null } {
  const before = state.lost?.startedAt === told.startedAt ? state.lost.count : 0;
  if (state.lost?.startedAt === told.startedAt && told.count <= before) return { state, opened: null };
  const next = { ...state, lost: { startedAt: told.startedAt, count: told.count } };
  if (told.count <= before) return { state: next, opened: null };
  const opened: SignalGap = {
    ...{ kind: "lost", first: before + 1, last: told.count, missing: told.count - before },
    noticedAt: at.toISOString(),
  };
  return { state: { ...next, gaps: bounded([...state.gaps, opened]) }, opened };
}

function fill(gaps: readonly SignalGap[], sequence: number): SignalGap[] {
  return gaps.flatMap((gap) => {
    if (gap.kind !== "sequence" || sequence < gap.first || sequence > gap.last) return [gap];
    // Of ranges that were put together it is not known which numbers came: only how many are missing.
    if (gap.missing !== gap.last - gap.first + 1)
      return gap.missing > 1 ? [{ ...gap, missing: gap.missing - 1 }] : [];
    const before = { ...gap, last: sequence - 1, missing: sequence - gap.first };
    const after = { ...gap, first: sequence + 1, missing: gap.last - sequence };
    return [before, after].filter((part) => part.missing > 0);
  });
}

/** Of too many ranges the two oldest of the kind that has more become one: what is missing stays counted. */
function bounded(gaps: SignalGap[]): SignalGap[] {
  if (gaps.length <= GAPS_MAX) return gaps;
  const of = (kind: SignalGap["kind"]) => gaps.filter((gap) => gap.kind === kind);
  const [more, other] = [of("sequence"), of("lost")].toSorted((a, b) => b.length - a.length);
  const [a, b, ...rest] = (more ?? []).toSorted(
    (x, y) => x.noticedAt.localeCompare(y.noticedAt) || x.first - y.first,
  );
  if (!a || !b) return gaps;
  const first = Math.min(a.first, b.first);
  return [
    { ...a, first, last: Math.max(a.last, b.last), missing: a.missing + b.missing },
    ...rest,
    ...(other ?? []),
  ];
}
