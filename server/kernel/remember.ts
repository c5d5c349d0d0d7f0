/**
 * A function that remembers its newest answers: for pure functions whose work is dear and whose answer never
 * changes, such as whether a signature verifies.
 *
 * @param keyOf a text that differs wherever the answer could.
 * @param entriesMax answers kept; the oldest goes first.
 */
export function remember<Argument, Answer>(
  work: (argument: Argument) => Answer,
  keyOf: (argument: Argument) => string,
  entriesMax: number,
): (argument: Argument) => Answer {
  const kept = new Map<string, { answer: Answer }>();
  return (argument) => {
    const key = keyOf(argument);
    const found = kept.get(key);
    if (found) return found.answer;
    const answer = work(argument);
    const [oldest] = kept.keys();
    if (kept.size >= entriesMax && oldest !== undefined) kept.delete(oldest);
    kept.set(key, { answer });
    return answer;
  };
}
