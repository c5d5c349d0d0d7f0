import { TagsInput, TextInput } from "@mantine/core";
import { RESOURCES_MAX } from "#server/layers/authorization/limits-schema.ts";
import { draftFaults, type LimitDraft } from "./limit-words.ts";

type Props = {
  draft: LimitDraft;
  onChange: (draft: LimitDraft) => void;
  /** Null where no sum is asked for. */
  sum: { currency: string; description: string } | null;
  resources: { description: string };
};

/** What no action may go beyond: a sum, and the resources it may be about. */
export function LimitFields({ draft, onChange, sum, resources }: Props) {
  const faults = draftFaults(draft);
  return (
    <>
      {sum ? (
        <TextInput
          label={`At most, in ${sum.currency}`}
          description={sum.description}
          placeholder="5000.00"
          inputMode="decimal"
          autoComplete="off"
          maxLength={18}
          required
          value={draft.max}
          onChange={(event) => onChange({ ...draft, max: event.currentTarget.value })}
          error={faults.max}
        />
      ) : null}
      <TagsInput
        size="xs"
        label="Only for"
        description={resources.description}
        placeholder={draft.resources.length === 0 ? "/accounts/17/*" : ""}
        maxTags={RESOURCES_MAX}
        value={draft.resources}
        onChange={(chosen) => onChange({ ...draft, resources: chosen })}
        error={faults.resources}
      />
    </>
  );
}
