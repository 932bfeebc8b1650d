import { Check, ChevronRight } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "./cx.ts";

const panel =
  "z-50 max-h-[min(24rem,var(--radix-dropdown-menu-content-available-height))] min-w-44 overflow-y-auto rounded-xl border border-line bg-raised p-1 shadow-pop animate-pop";
const row =
  "flex min-h-8 cursor-default items-center gap-2 rounded-lg px-2 py-1 text-sm select-none data-[highlighted]:bg-hover data-[highlighted]:outline-none data-[disabled]:text-muted";

interface MenuProps {
  readonly trigger: ReactNode;
  readonly children: ReactNode;
  readonly align?: "start" | "end";
  readonly side?: "top" | "bottom";
  readonly className?: string;
  /** Where its place opens and closes it too. */
  readonly open?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
  /** Called when focus is about to go back to the trigger, which the event's `preventDefault` forbids. */
  readonly onCloseAutoFocus?: (event: Event) => void;
}

/** A menu that opens from `trigger`, which must be one button. */
export function Menu(props: MenuProps) {
  const { trigger, children, align = "start", side = "bottom", className, onCloseAutoFocus, ...control } = props;
  return (
    <DropdownMenu.Root modal={false} {...control}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className={cx(panel, className)}
          {...(onCloseAutoFocus === undefined ? {} : { onCloseAutoFocus })}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** One thing to do in a {@link Menu}. */
export function MenuItem({
  onSelect,
  children,
  disabled = false,
}: {
  onSelect: () => void;
  children: ReactNode;
  disabled?: boolean;
}) {
  return (
    <DropdownMenu.Item className={row} onSelect={onSelect} disabled={disabled}>
      {children}
    </DropdownMenu.Item>
  );
}

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string | null;
  readonly disabled?: boolean;
  readonly group?: string;
}

/** One-of-many inside a {@link Menu}; choices that share a `group` are listed under its name. */
export function MenuChoices({
  value,
  choices,
  onChange,
}: {
  value: string;
  choices: readonly Choice[];
  onChange: (value: string) => void;
}) {
  const groups = [...new Set(choices.map((choice) => choice.group ?? ""))];
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={onChange}>
      {groups.map((group) => (
        <DropdownMenu.Group key={group}>
          {group !== "" && (
            <DropdownMenu.Label className="px-2 pt-2 pb-1 text-xs text-muted">{group}</DropdownMenu.Label>
          )}
          {choices
            .filter((choice) => (choice.group ?? "") === group)
            .map((choice) => (
              <DropdownMenu.RadioItem
                key={choice.value}
                value={choice.value}
                disabled={choice.disabled === true}
                className={row}
              >
                <ChoiceText label={choice.label} hint={choice.hint} />
                <DropdownMenu.ItemIndicator>
                  <Check className="size-4 text-lime-text" aria-hidden />
                </DropdownMenu.ItemIndicator>
              </DropdownMenu.RadioItem>
            ))}
        </DropdownMenu.Group>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

interface MenuChecksProps {
  readonly checked: readonly string[];
  readonly choices: readonly Choice[];
  /** So many may be checked; the others can't be chosen then. Absent: any number. */
  readonly most?: number;
  readonly onToggle: (value: string) => void;
}

/** Several-of-many inside a {@link Menu}, which stays open while choices are checked. */
export function MenuChecks({ checked, choices, most = Infinity, onToggle }: MenuChecksProps) {
  return choices.map(({ value, label, hint }) => {
    const isChecked = checked.includes(value);
    return (
      <DropdownMenu.CheckboxItem
        key={value}
        checked={isChecked}
        disabled={!isChecked && checked.length >= most}
        onSelect={(event) => event.preventDefault()}
        onCheckedChange={() => onToggle(value)}
        className={row}
      >
        <span
          aria-hidden
          className={cx(
            "flex size-4 shrink-0 items-center justify-center rounded border",
            isChecked ? "border-lime-line bg-lime-soft" : "border-line-strong",
          )}
        >
          <DropdownMenu.ItemIndicator>
            <Check className="size-3 text-lime-text" />
          </DropdownMenu.ItemIndicator>
        </span>
        <ChoiceText label={label} hint={hint} />
      </DropdownMenu.CheckboxItem>
    );
  });
}

function ChoiceText({ label, hint }: { label: string; hint: string | null | undefined }) {
  return (
    <span className="min-w-0 flex-1">
      <span className="block truncate">{label}</span>
      {hint !== undefined && hint !== null && <span className="block max-w-72 text-xs text-muted">{hint}</span>}
    </span>
  );
}

/** A menu within a {@link Menu}, which opens beside its name. */
export function MenuSub({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <DropdownMenu.Sub>
      <DropdownMenu.SubTrigger className={cx(row, "data-[state=open]:bg-hover")}>
        <span className="flex min-w-0 flex-1 items-center gap-2">{label}</span>
        <ChevronRight className="size-4 text-muted" aria-hidden />
      </DropdownMenu.SubTrigger>
      <DropdownMenu.Portal>
        <DropdownMenu.SubContent
          sideOffset={4}
          collisionPadding={8}
          className={cx(panel, "max-h-[min(24rem,var(--radix-dropdown-menu-content-available-height))] max-w-[80vw]")}
        >
          {children}
        </DropdownMenu.SubContent>
      </DropdownMenu.Portal>
    </DropdownMenu.Sub>
  );
}

/** A line between parts of a {@link Menu}. */
export function MenuRule() {
  return <DropdownMenu.Separator className="my-1 h-px bg-line" />;
}
