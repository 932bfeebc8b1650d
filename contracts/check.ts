/** The kinds of checks that a forge reports on a commit. */
export const checkSources = ["workflow_run", "job", "check_run", "status"] as const;
export type CheckSource = (typeof checkSources)[number];
