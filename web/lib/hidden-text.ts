/** Hidden characters and comments, written out in the same way wherever they are shown: to people here, to models by the engine. */
export { revealHidden, revealMarkdown } from "../../domain/policy/hidden-text.ts";
