import { Tabs as RadixTabs } from "radix-ui";
import { useEffect, useRef, type ReactNode } from "react";
import { cx } from "./cx.ts";

export interface Tab<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly badge?: ReactNode;
}

interface TabsProps<T extends string> {
  readonly value: T;
  readonly tabs: readonly Tab<T>[];
  readonly onChange: (value: T) => void;
  readonly label: string;
  readonly children?: ReactNode;
  readonly className?: string;
  readonly listClassName?: string;
}

/** Tabs with arrow keys; put {@link TabPanel}s inside. */
export function Tabs<T extends string>({
  value,
  tabs,
  onChange,
  label,
  children,
  className,
  listClassName,
}: TabsProps<T>) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector("[data-state=active]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [value]);
  const known = (next: string): next is T => tabs.some((tab) => tab.value === next);
  return (
    <RadixTabs.Root
      value={value}
      onValueChange={(next) => known(next) && onChange(next)}
      className={cx("flex min-h-0 flex-col", className)}
    >
      <RadixTabs.List
        ref={list}
        aria-label={label}
        className={cx(
          "flex shrink-0 items-center gap-0.5 overflow-x-auto border-b border-line px-2 [scrollbar-width:none]",
          listClassName,
        )}
      >
        {tabs.map((tab) => (
          <RadixTabs.Trigger
            key={tab.value}
            value={tab.value}
            className="relative flex h-9 shrink-0 items-center gap-1.5 px-2 text-sm text-muted -outline-offset-2 hover:text-text data-[state=active]:font-medium data-[state=active]:text-text data-[state=active]:after:absolute data-[state=active]:after:inset-x-2 data-[state=active]:after:-bottom-px data-[state=active]:after:h-0.5 data-[state=active]:after:rounded-full data-[state=active]:after:bg-text"
          >
            {tab.label}
            {tab.badge}
          </RadixTabs.Trigger>
        ))}
      </RadixTabs.List>
      {children}
    </RadixTabs.Root>
  );
}

/** The content of one tab. */
export function TabPanel({ value, children, className }: { value: string; children: ReactNode; className?: string }) {
  return (
    <RadixTabs.Content value={value} tabIndex={-1} className={cx("min-h-0 flex-1", className)}>
      {children}
    </RadixTabs.Content>
  );
}
