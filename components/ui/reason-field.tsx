import { Textarea } from "@mantine/core";

type Props = { value: string; onChange: (value: string) => void; charsMax?: number };

/** Why somebody decides as they do: said before every decision, and kept with it. */
export function ReasonField({ value, onChange, charsMax = 1_000 }: Props) {
  return (
    <Textarea
      label="Reason"
      description="Goes on record with your name"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autosize
      minRows={2}
      maxLength={charsMax}
      required
    />
  );
}
