import { pathOf, type NodeOf, type Rule } from "../rule.ts";

const mint = "domain/patch-set/approval.ts";

/** No cast makes an approval: `ApprovedPatchSet` comes out of the domain's decision alone. */
export const mintedApproval: Rule = {
  meta: { type: "problem", docs: { description: `mint ApprovedPatchSet in ${mint} alone` } },
  create(context) {
    const path = pathOf(context);
    if (path === undefined || path === mint || path.startsWith("test/")) return {};
    const check = (node: NodeOf<"TSAsExpression"> | NodeOf<"TSTypeAssertion">): void => {
      const type = node.typeAnnotation;
      if (
        type.type !== "TSTypeReference" ||
        type.typeName.type !== "Identifier" ||
        type.typeName.name !== "ApprovedPatchSet"
      )
        return;
      context.report({ node, message: `an approval is minted by ${mint}, never by a cast` });
    };
    return { TSAsExpression: check, TSTypeAssertion: check };
  },
};
