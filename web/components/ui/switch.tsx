import { Switch as RadixSwitch } from "radix-ui";

interface SwitchProps {
  readonly label: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly title?: string | undefined;
  readonly onChange: (checked: boolean) => void;
}

/** On or off, at once. */
export function Switch({ label, checked, disabled = false, title, onChange }: SwitchProps) {
  return (
    <RadixSwitch.Root
      aria-label={label}
      title={title}
      checked={checked}
      disabled={disabled}
      onCheckedChange={onChange}
      className="h-5 w-9 shrink-0 rounded-full border border-line-strong bg-active p-0.5 transition-colors disabled:cursor-not-allowed disabled:opacity-50 data-[state=checked]:border-lime-line data-[state=checked]:bg-lime"
    >
      <RadixSwitch.Thumb className="block size-3.5 rounded-full bg-text transition-transform data-[state=checked]:translate-x-4 data-[state=checked]:bg-lime-ink" />
    </RadixSwitch.Root>
  );
}
