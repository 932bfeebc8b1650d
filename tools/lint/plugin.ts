import { docComment } from "./rules/doc-comment.ts";
import { envInCompose } from "./rules/env-in-compose.ts";
import { importLaw } from "./rules/import-law.ts";
import { mintedApproval } from "./rules/minted-approval.ts";

/** The project's own rules, for `jsPlugins` in `.oxlintrc.json`. */
export default {
  meta: { name: "lime" },
  rules: {
    "doc-comment": docComment,
    "env-in-compose": envInCompose,
    "import-law": importLaw,
    "minted-approval": mintedApproval,
  },
};
