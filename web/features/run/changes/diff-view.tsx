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

/** The lines of one file's diff, coloured by its language; a chunk of its own. */
export default function DiffView({ path, before, after, split, wrap }: DiffViewProps) {
  const themeType = useShownTheme();
  const options = useMemo(
    () =>
      ({
        theme: { dark: "pierre-dark", light: "pierre-light" },
        themeType,
        diffStyle: split ? "split" : "unified",
        overflow: wrap ? "wrap" : "scroll",
        disableFileHeader: true,
        hunkSeparators: "line-info",
        unsafeCSS: css,
      }) as const,
    [themeType, split, wrap],
  );
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
