import { MultiFileDiff } from "@pierre/diffs/react";
import { useMemo } from "react";
import { useShownTheme } from "../../../lib/theme.ts";

interface DiffViewProps {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly split: boolean;
  readonly wrap: boolean;
}

const css = `:host { --diffs-font-size: 12px; --diffs-line-height: 19px; --diffs-font-family: var(--font-mono); --diffs-light-bg: #ffffff; --diffs-dark-bg: #151716; }`;

/** Gives what the viewer draws a place in the tab order, names for its buttons, and keys that press them. */
function makeReachable(container: HTMLElement): void {
  const root = container.shadowRoot ?? container;
  for (const code of root.querySelectorAll<HTMLElement>("code[data-code]")) code.tabIndex = 0;
  for (const button of root.querySelectorAll<HTMLElement>("[role=button]")) {
    if (button.tabIndex === 0) continue;
    button.tabIndex = 0;
    button.setAttribute("aria-label", "Show unchanged lines");
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      button.click();
    });
  }
}

/** The viewer's options for a diff: in the page's theme, side by side or unified, long lines wrapped or scrolled. */
export function useDiffOptions(split: boolean, wrap: boolean) {
  const themeType = useShownTheme();
  return useMemo(
    () =>
      ({
        theme: { dark: "pierre-dark", light: "github-light-high-contrast" },
        themeType,
        diffStyle: split ? "split" : "unified",
        overflow: wrap ? "wrap" : "scroll",
        disableFileHeader: true,
        hunkSeparators: "line-info",
        unsafeCSS: css,
        onPostRender: makeReachable,
      }) as const,
    [themeType, split, wrap],
  );
}

/** The lines of one file's diff, coloured by its language; a chunk of its own. */
export function DiffView({ path, before, after, split, wrap }: DiffViewProps) {
  const options = useDiffOptions(split, wrap);
  const input = useMemo(() => {
    const oldFile = before === null ? null : { name: path, contents: before };
    const newFile = after === null ? null : { name: path, contents: after };
    if (newFile !== null) return { oldFile, newFile };
    if (oldFile !== null) return { oldFile, newFile: null };
    return null;
  }, [path, before, after]);
  if (input === null) return null;
  if (input.newFile === null) return <MultiFileDiff oldFile={input.oldFile} newFile={null} options={options} />;
  if (input.oldFile === null) return <MultiFileDiff oldFile={null} newFile={input.newFile} options={options} />;
  return <MultiFileDiff oldFile={input.oldFile} newFile={input.newFile} options={options} />;
}
