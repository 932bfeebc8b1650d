/** The formats in which a project's tickets go out and come in. */
export const transferFormats = ["csv", "json"] as const;
export type TransferFormat = (typeof transferFormats)[number];

/** The largest file of an import, in bytes, and the most tickets in it. */
export const maxImportBytes = 5_000_000;
export const maxImportRows = 2_000;

/** The outcomes of an import's line: refused lines come first where they are shown. */
export const importStatuses = ["refused", "created", "updated", "unchanged"] as const;
export type ImportStatus = (typeof importStatuses)[number];
