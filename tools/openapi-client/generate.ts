import { join } from "node:path";
import openapiTypes, { astToString, type OpenAPI3 } from "openapi-typescript";
import ts from "typescript";
import { apiDocument, createApp } from "../../worker/app.ts";

const clients = join(import.meta.dirname, "../../clients");

/** The version in the committed document; a deployment's own document names the deployment's. */
const documentVersion = "1";

const notice = `/*
 * Types of the API, made from clients/openapi.json by \`npm run client\`; don't edit them by hand.
 */
`;

/** A generated file: its absolute path, and its text as the code has it now. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** The API's OpenAPI document and the TypeScript types made from it, from the code's own routes and without a server. */
export async function clientFiles(): Promise<readonly GeneratedFile[]> {
  const document = `${JSON.stringify(apiDocument(createApp(), documentVersion), null, 2)}\n`;
  const types = await openapiTypes(JSON.parse(document) as OpenAPI3, {
    silent: true,
    defaultNonNullable: false,
    transformProperty: optionalAsInContracts,
  });
  return [
    { path: join(clients, "openapi.json"), text: document },
    { path: join(clients, "typescript/schema.d.ts"), text: notice + astToString(types) },
  ];
}

/** A property that may be absent may be `undefined` too, as the contracts have it; one of any value is simply `unknown`. */
function optionalAsInContracts(property: ts.PropertySignature): ts.PropertySignature | undefined {
  const { name, modifiers, questionToken, type } = property;
  if (questionToken === undefined || type === undefined || type.kind === ts.SyntaxKind.NeverKeyword) return undefined;
  if (type.kind === ts.SyntaxKind.UnknownKeyword)
    return ts.factory.updatePropertySignature(property, modifiers, name, undefined, type);
  const orUndefined = ts.factory.createUnionTypeNode([
    type,
    ts.factory.createKeywordTypeNode(ts.SyntaxKind.UndefinedKeyword),
  ]);
  return ts.factory.updatePropertySignature(property, modifiers, name, questionToken, orUndefined);
}
