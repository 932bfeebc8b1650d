import { pathOf, type NodeOf, type Rule } from "../rule.ts";

/** Where each approved thing is minted. */
const mints: Readonly<Record<string, string>> = {
  ApprovedPatchSet: "domain/patch-set/approval.ts",
  ApprovedClose: "domain/patch-set/approved-close.ts",
  ApprovedDeletion: "domain/patch-set/approved-close.ts",
  ApprovedReview: "domain/review/approval.ts",
};

/** No cast makes an approval: each of these types comes out of the domain's decisions alone. */
export const mintedApproval: Rule = {
  meta: { type: "problem", docs: { description: `mint approvals in ${Object.values(mints).join(" and ")} alone` } },
  create(context) {
    const path = pathOf(context);
    if (path === undefined || path.startsWith("test/")) return {};
    const check = (node: NodeOf<"TSAsExpression"> | NodeOf<"TSTypeAssertion">): void => {
      const type = node.typeAnnotation;
      if (type.type !== "TSTypeReference" || type.typeName.type !== "Identifier") return;
      const mint = mints[type.typeName.name];
      if (mint === undefined || mint === path) return;
      context.report({ node, message: `an approval is minted by ${mint}, never by a cast` });
    };
    return { TSAsExpression: check, TSTypeAssertion: check };
  },
};
