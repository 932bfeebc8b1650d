/* Apart from the schemas, so that pages which only show the names don't load a validator. */

/** How far an autopilot goes by itself: `suggest` shows which tickets would be started, `on` starts them. */
export const autopilotLevels = ["off", "suggest", "on"] as const;
export type AutopilotLevel = (typeof autopilotLevels)[number];

/** Whether an autopilot of each level starts runs by itself. */
export const startsRuns: Readonly<Record<AutopilotLevel, boolean>> = { off: false, suggest: false, on: true };

/** The most runs that an autopilot keeps under way. */
export const maxAutopilotSlots = 20;
