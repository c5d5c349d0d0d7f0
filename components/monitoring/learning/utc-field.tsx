"use client";

import { TextInput } from "@mantine/core";

type Props = {
  label: string;
  description?: string;
  value: string;
  onChange: (value: string) => void;
  required?: boolean;
};

/** An instant in UTC, as everything else on the screens is. */
export function UtcField({ label, description = "UTC", value, onChange, required = false }: Props) {
  return (
    <TextInput
      type="datetime-local"
      label={label}
      description={description}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      required={required}
      step={60}
    />
  );
}
