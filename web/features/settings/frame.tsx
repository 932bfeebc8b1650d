import type { ReactNode } from "react";
import { SettingsNav } from "./nav.tsx";

/** A page of the settings under the names of them all. */
export function SettingsFrame({ children }: { children: ReactNode }) {
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex w-full max-w-3xl flex-col gap-7 px-4 pt-6 pb-16">
        <SettingsNav />
        {children}
      </div>
    </div>
  );
}
