export { formatBytes, parseBytes } from "./bytes.js";
export { formatDuration, parseDuration } from "./duration.js";
export { joinWords } from "./list.js";
export { clamp, roundTo } from "./number.js";
export { plural } from "./plural.js";
export { formatRelative } from "./relative-time.js";
