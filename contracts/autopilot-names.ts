/* Apart from the schemas, so that pages which only show the names don't load a validator. */

/** `suggest` shows which tickets would be started, `on` starts them. */
export const autopilotModes = ["off", "suggest", "on"] as const;
export type AutopilotMode = (typeof autopilotModes)[number];

/** The most runs that an autopilot keeps under way. */
export const maxAutopilotSlots = 20;
