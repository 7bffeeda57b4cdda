import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import type { KindNames } from '@causeway/apis/meta/kind';
import ts from 'typescript';
import { FACTS } from './facts.ts';
import { addLaterFields, renewDescriptions } from './later-fields.ts';
import { scalarOf } from './scalars.ts';

/*
 * Makes the schemas of the built-in kinds from the declarations in the npm package `kubernetes-types`: fields, types, which are
 * required, and the doc comments as descriptions. What declarations cannot say (defaults, enums, merge keys) comes from facts.ts. The
 * result is written at build time and never committed. What is younger than these declarations comes from later-fields.ts.
 */

/** JSON Schema of one definition or field, with `$ref: '#/definitions/<name>'`. */
export type RawSchema = Record<string, unknown>;

export interface BuiltInSchemaFile {
  /** Definition name (`io.k8s.api.core.v1.Pod`) to schema. */
  readonly definitions: Readonly<Record<string, RawSchema>>;
}

const PACKAGE = dirname(createRequire(import.meta.url).resolve('kubernetes-types/package.json'));
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Definitions that belong to the API itself rather than to a kind, and kinds that are answered but not stored. */
const ALWAYS = [
  ...['DeleteOptions', 'Status', 'ListMeta'].map((name) => `${META}.${name}`),
  ...['LocalSubjectAccessReview', 'SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview'].map(
    (name) => `io.k8s.api.authorization.v1.${name}`,
  ),
  ...['SelfSubjectReview', 'TokenRequest', 'TokenReview'].map((name) => `io.k8s.api.authentication.v1.${name}`),
  ...['autoscaling.v1.Scale', 'core.v1.Binding', 'policy.v1.Eviction'].map((name) => `io.k8s.api.${name}`),
];

/** Generates and writes the file, atomically, so that concurrent writers do no harm. */
export function generateBuiltInSchemas(outFile: string): void {
  mkdirSync(dirname(outFile), { recursive: true });
  const temporary = `${outFile}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(builtInSchemaFile()));
  renameSync(temporary, outFile);
}

export function builtInSchemaFile(): BuiltInSchemaFile {
  const definitions: Record<string, RawSchema> = {};
  const pending = [
    ...BUILT_IN_KINDS.flatMap((kind) => [definitionName(kind), `${definitionName(kind)}List`]),
    ...ALWAYS,
  ];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (Object.hasOwn(definitions, name)) continue;
    definitions[name] = definitionSchema(name, (referenced) => pending.push(referenced));
  }
  addLaterFields(definitions);
  renewDescriptions(definitions);
  applyFacts(definitions);
  return { definitions: Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** `io.k8s.api.networking.v1.Ingress`, as Kubernetes names its OpenAPI definitions. */
export function definitionName(kind: Pick<KindNames, 'group' | 'version' | 'kind'>): string {
  return `${modelPackage(moduleOf(kind))}.${kind.kind}`;
}

function moduleOf(kind: Pick<KindNames, 'group' | 'version'>): string {
  return `${kind.group === '' ? 'core' : (kind.group.split('.')[0] ?? '')}/${kind.version}`;
}

/** Module of the npm package -> Go package, which is how OpenAPI names start. */
function modelPackage(module: string): string {
  if (module === 'meta/v1') return META;
  if (module === 'runtime') return 'io.k8s.apimachinery.pkg.runtime';
  if (module === 'api/resource') return 'io.k8s.apimachinery.pkg.api.resource';
  if (module === 'apiextensions/v1') return 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';
  return `io.k8s.api.${module.replaceAll('/', '.')}`;
}

interface Module {
  /** Interfaces and type aliases by name. */
  readonly declarations: ReadonlyMap<string, ts.InterfaceDeclaration | ts.TypeAliasDeclaration>;
  /** Imported name -> module it comes from. */
  readonly imports: ReadonlyMap<string, string>;
  readonly source: ts.SourceFile;
  readonly path: string;
}

const modules = new Map<string, Module>();

function readModule(path: string): Module {
  const known = modules.get(path);
  if (known !== undefined) return known;
  const file = join(PACKAGE, `${path}.d.ts`);
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ESNext, true);
  const declarations = new Map<string, ts.InterfaceDeclaration | ts.TypeAliasDeclaration>();
  const imports = new Map<string, string>();
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
      declarations.set(statement.name.text, statement);
    } else if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
      const from = join(dirname(path), statement.moduleSpecifier.text);
      const bindings = statement.importClause?.namedBindings;
      if (bindings !== undefined && ts.isNamedImports(bindings)) {
        for (const each of bindings.elements) imports.set(each.name.text, from);
      }
    }
  }
  const module = { declarations, imports, source, path };
  modules.set(path, module);
  return module;
}

const pathOfPackage = new Map<string, string>();

function definitionSchema(name: string, refer: (name: string) => void): RawSchema {
  const dot = name.lastIndexOf('.');
  const path = pathOfPackage.get(name.slice(0, dot)) ?? kindModulePath(name.slice(0, dot));
  const module = readModule(path);
  const declaration = module.declarations.get(name.slice(dot + 1));
  if (declaration === undefined) throw new Error(`kubernetes-types has no ${name}`);
  const description = docComment(module.source, declaration);
  const scalar = scalarOf(name);
  if (scalar !== undefined) return { description, ...scalar };
  if (ts.isTypeAliasDeclaration(declaration)) {
    return { description, ...typeSchema(module, declaration.type, refer) };
  }
  const properties: Record<string, RawSchema> = {};
  const required: string[] = [];
  for (const member of declaration.members) {
    if (!ts.isPropertySignature(member) || member.type === undefined) continue;
    const field = ts.isIdentifier(member.name) || ts.isStringLiteral(member.name) ? member.name.text : '';
    if (field === '') throw new Error(`unexpected member of ${name}`);
    properties[field] = { description: docComment(module.source, member), ...typeSchema(module, member.type, refer) };
    if (member.questionToken === undefined) required.push(field);
  }
  return { description, type: 'object', properties, ...(required.length > 0 ? { required } : {}) };
}

function kindModulePath(goPackage: string): string {
  const kind = BUILT_IN_KINDS.find((each) => modelPackage(moduleOf(each)) === goPackage);
  if (kind !== undefined) return moduleOf(kind);
  if (goPackage === META) return 'meta/v1';
  const review = /^io\.k8s\.api\.(authentication|authorization)\.v1$/.exec(goPackage);
  if (review !== null) return `${review[1]}/v1`;
  throw new Error(`no module holds ${goPackage}`);
}

function typeSchema(module: Module, type: ts.TypeNode, refer: (name: string) => void): RawSchema {
  if (ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName)) {
    const name = type.typeName.text;
    const argument = type.typeArguments?.[0];
    if (name === 'Array' && argument !== undefined)
      return { type: 'array', items: typeSchema(module, argument, refer) };
    const path = module.imports.get(name) ?? module.path;
    const goPackage = modelPackage(path);
    pathOfPackage.set(goPackage, path);
    refer(`${goPackage}.${name}`);
    return { $ref: `#/definitions/${goPackage}.${name}` };
  }
  if (ts.isTypeLiteralNode(type)) {
    const index = type.members.find(ts.isIndexSignatureDeclaration);
    return index === undefined
      ? { type: 'object' }
      : { type: 'object', additionalProperties: typeSchema(module, index.type, refer) };
  }
  if (ts.isLiteralTypeNode(type)) return { type: 'string' };
  if (ts.isArrayTypeNode(type)) return { type: 'array', items: typeSchema(module, type.elementType, refer) };
  if (ts.isUnionTypeNode(type)) {
    const kinds = type.types.map((each) => each.kind);
    if (kinds.includes(ts.SyntaxKind.NumberKeyword) && kinds.includes(ts.SyntaxKind.StringKeyword)) {
      return { 'x-kubernetes-int-or-string': true };
    }
    return { 'x-kubernetes-preserve-unknown-fields': true };
  }
  switch (type.kind) {
    case ts.SyntaxKind.StringKeyword:
      return { type: 'string' };
    case ts.SyntaxKind.NumberKeyword:
      return { type: 'integer', format: 'int32' };
    case ts.SyntaxKind.BooleanKeyword:
      return { type: 'boolean' };
    default:
      throw new Error(`unexpected type in ${module.path}: ${type.getText(module.source)}`);
  }
}

/** The text of the last comment before a node, without its stars. */
function docComment(source: ts.SourceFile, node: ts.Node): string {
  const ranges = ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? [];
  const range = ranges.at(-1);
  if (range === undefined) return '';
  return source.text
    .slice(range.pos, range.end)
    .replace(/^\/\*\*?/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();
}

function applyFacts(definitions: Record<string, RawSchema>): void {
  for (const [key, keywords] of FACTS.flatMap((table) => Object.entries(table))) {
    const [ending = '', field] = key.split('/');
    const name = Object.keys(definitions).find((each) => each.endsWith(`.${ending}`));
    const definition = name === undefined ? undefined : definitions[name];
    assert(definition, `a fact about ${ending}, which no built-in kind uses`);
    const properties = definition['properties'] as Record<string, RawSchema> | undefined;
    const target = field === undefined ? definition : properties?.[field];
    assert(target, `a fact about ${key}, which does not exist`);
    Object.assign(target, keywords);
  }
}
