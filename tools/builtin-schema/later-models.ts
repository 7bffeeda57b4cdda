import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { RawSchema } from './generate.ts';

/*
 * Definitions of Kubernetes 1.34 as the classes of `@kubernetes/client-node` tell them. Formats are not told there (facts.ts).
 */

export interface LaterDefinition {
  readonly description: string;
  readonly type: 'object';
  readonly properties: Readonly<Record<string, RawSchema>>;
  readonly required?: readonly string[];
}

const MODELS = join(dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node')), 'gen/models');
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
/** Of what other packages refer to. */
const IN_META: ReadonlySet<string> = new Set(['FieldSelectorRequirement', 'LabelSelectorRequirement', 'Time']);

/**
 * @param name `io.k8s.api.core.v1.ServiceSpec`
 * @returns undefined when no class is for it
 */
export function laterDefinition(name: string): LaterDefinition | undefined {
  const [group = '', version = '', kind = ''] = name.split('.').slice(-3);
  const model = `${capital(version)}${kind}`;
  const goPackage = name.slice(0, -kind.length - 1);
  // Where groups have something of the same name.
  const file = [`${capital(group)}${model}`, model].map((each) => join(MODELS, `${each}.d.ts`)).find(existsSync);
  if (file === undefined) return undefined;
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ESNext, true);
  const declaration = source.statements.find(ts.isClassDeclaration);
  if (declaration === undefined) throw new Error(`${file} has no class`);
  const properties: Record<string, RawSchema> = {};
  const required: string[] = [];
  for (const member of declaration.members) {
    if (!ts.isPropertyDeclaration(member) || member.type === undefined || !ts.isStringLiteral(member.name)) continue;
    const field = jsonName(member.name.text);
    properties[field] = { description: comment(source, member), ...typeSchema(member.type, goPackage) };
    if (member.questionToken === undefined) required.push(field);
  }
  const description = comment(source, declaration);
  return { description, type: 'object', properties, ...(required.length > 0 ? { required } : {}) };
}

function typeSchema(type: ts.TypeNode, goPackage: string): RawSchema {
  if (ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName)) {
    const [argument] = type.typeArguments ?? [];
    if (argument !== undefined) return { type: 'array', items: typeSchema(argument, goPackage) };
    const name = type.typeName.text === 'Date' ? 'Time' : type.typeName.text.replace(/^.*?V\d+/, '');
    return { $ref: `#/definitions/${IN_META.has(name) ? META : goPackage}.${name}` };
  }
  const values = ts.isTypeLiteralNode(type) ? type.members.find(ts.isIndexSignatureDeclaration)?.type : undefined;
  if (values !== undefined) return { type: 'object', additionalProperties: typeSchema(values, goPackage) };
  switch (type.kind) {
    case ts.SyntaxKind.StringKeyword:
      return { type: 'string' };
    case ts.SyntaxKind.NumberKeyword:
      return { type: 'integer', format: 'int32' };
    case ts.SyntaxKind.BooleanKeyword:
      return { type: 'boolean' };
    case ts.SyntaxKind.AnyKeyword:
      return { 'x-kubernetes-preserve-unknown-fields': true };
    default:
      throw new Error(`unexpected type: ${type.getText()}`);
  }
}

/** `-` cannot be in the name of a property of a class. */
function jsonName(name: string): string {
  return name.startsWith('x_kubernetes_') ? name.replaceAll('_', '-') : name;
}

function comment(source: ts.SourceFile, node: ts.Node): string {
  const range = (ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []).at(-1);
  if (range === undefined) return '';
  const [, text = ''] = /^\/\*\*[\s*]*(.*?)\s*\*\/$/s.exec(source.text.slice(range.pos, range.end)) ?? [];
  return text
    .replaceAll(/\\(["'])/g, '$1')
    .replaceAll('*_/', '*/') // neither can end or begin a comment inside of one
    .replaceAll('/_*', '/*')
    .replaceAll('  ', '\n\n')
    .trim();
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
