import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { crdOf, type KindDefinition } from '../meta/crd.ts';
import type { JsonSchema } from '../meta/schema.ts';
import { ALB2Kind, CAUSEWAY_KINDS, FrontendKind, RuleKind } from './index.ts';

function schemaOf(kind: KindDefinition, version: string): JsonSchema {
  const schema = crdOf(kind).spec.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
  if (schema === undefined) throw new Error(`${kind.names.kind} has no ${version}`);
  // Written by crdOf from a JsonSchema.
  return schema as unknown as JsonSchema;
}

/** Paths of the fields that a version refuses, with the keyword that refuses them. */
function refused(kind: KindDefinition, version: string, spec: unknown): readonly string[] {
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat('int32', true);
  ajv.addFormat('int64', true);
  ajv.addFormat('date-time', true);
  ajv.validate(schemaOf(kind, version), { spec });
  return (ajv.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}

describe('names', () => {
  test('as ALB documents them', () => {
    const crd = crdOf(ALB2Kind);
    expect(crd.metadata?.name).toBe('alaudaloadbalancer2.crd.alauda.io');
    expect(crd.spec.names).toEqual({
      kind: 'ALB2',
      listKind: 'ALB2List',
      plural: 'alaudaloadbalancer2',
      singular: 'alaudaloadbalancer2',
      shortNames: ['alb2'],
    });
    expect(crd.spec.versions.map(({ name, served, storage }) => ({ name, served, storage }))).toEqual([
      { name: 'v1', served: true, storage: false },
      { name: 'v2beta1', served: true, storage: true },
      { name: 'v2', served: true, storage: false },
    ]);
    expect(crdOf(FrontendKind).spec.names.shortNames).toEqual(['ft']);
    expect(crdOf(RuleKind).spec.names).toMatchObject({ singular: 'rule', shortNames: ['rl'] });
  });

  test('only ALB2 and Frontend of the ALB kinds have a status subresource', () => {
    const withStatus = CAUSEWAY_KINDS.filter((kind) => crdOf(kind).spec.versions[0]?.subresources !== undefined);
    const kinds = withStatus.filter(({ names }) => names.group === ALB2Kind.names.group);
    expect(kinds.map(({ names }) => names.kind)).toEqual(['ALB2', 'Frontend']);
  });
});

test('ALB-03 v1 is deprecated and says so, and keeps fields it does not know; v2 is v2beta1', () => {
  expect(crdOf(ALB2Kind).spec.versions[0]).toMatchObject({ deprecated: true, deprecationWarning: /v2/ });
  expect(schemaOf(ALB2Kind, 'v1').properties?.['spec']).toHaveProperty('x-kubernetes-preserve-unknown-fields', true);
  expect(schemaOf(ALB2Kind, 'v2')).toEqual(schemaOf(ALB2Kind, 'v2beta1'));
});

describe('what the schema refuses', () => {
  const frontend = { port: 80, protocol: 'http' };
  const cases: readonly {
    name: string;
    kind: KindDefinition;
    version: string;
    spec: unknown;
    want: readonly string[];
  }[] = [
    {
      name: 'ALB-02 minimal ALB2',
      kind: ALB2Kind,
      version: 'v2',
      spec: { type: 'nginx', config: { replicas: 1 } },
      want: [],
    },
    { name: 'ALB-02 type f5', kind: ALB2Kind, version: 'v2', spec: { type: 'f5' }, want: ['/spec/type enum'] },
    {
      name: 'ALB-02 unknown fields of config',
      kind: ALB2Kind,
      version: 'v2',
      spec: { type: 'nginx', config: { later: 1 } },
      want: [],
    },
    {
      name: 'ALB-02 a quantity is a number or a text',
      kind: ALB2Kind,
      version: 'v2',
      spec: { type: 'nginx', config: { resources: { limits: { cpu: 2, memory: '2Gi' } } } },
      want: [],
    },
    { name: 'ALB-04 Frontend', kind: FrontendKind, version: 'v1', spec: frontend, want: [] },
    {
      name: 'ALB-04 port 70000',
      kind: FrontendKind,
      version: 'v1',
      spec: { ...frontend, port: 70_000 },
      want: ['/spec/port maximum'],
    },
    {
      name: 'ALB-04 port 0',
      kind: FrontendKind,
      version: 'v1',
      spec: { ...frontend, port: 0 },
      want: ['/spec/port minimum'],
    },
    {
      name: 'ALB-04 protocol is never reinterpreted',
      kind: FrontendKind,
      version: 'v1',
      spec: { ...frontend, protocol: 'sctp' },
      want: ['/spec/protocol enum'],
    },
    {
      name: 'ALB-04 port and protocol are required',
      kind: FrontendKind,
      version: 'v1',
      spec: {},
      want: ['/spec required', '/spec required'],
    },
    {
      name: 'ALB-06 unknown dslx type',
      kind: RuleKind,
      version: 'v1',
      spec: { dslx: [{ type: 'PATH' }] },
      want: ['/spec/dslx/0/type enum'],
    },
    {
      name: 'ALB-11 priority 1001',
      kind: RuleKind,
      version: 'v1',
      spec: { priority: 1001 },
      want: ['/spec/priority maximum'],
    },
    {
      name: 'ALB-11 priority -101',
      kind: RuleKind,
      version: 'v1',
      spec: { priority: -101 },
      want: ['/spec/priority minimum'],
    },
  ];
  for (const c of cases) {
    test(c.name, () => expect(refused(c.kind, c.version, c.spec)).toEqual(c.want));
  }
});

describe('every schema is structural and documented', () => {
  for (const kind of CAUSEWAY_KINDS) {
    test(kind.names.kind, () => {
      const wrong: string[] = [];
      for (const { name } of kind.versions) check(schemaOf(kind, name), `${name}`, wrong);
      expect(wrong).toEqual([]);
    });
  }
});

/** A structural schema names a type unless it takes several. */
function check(schema: JsonSchema, at: string, wrong: string[]): void {
  const several =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (schema.type === undefined && !several) wrong.push(`${at}: no type`);
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const isEnvelope = !at.includes('.') && name !== 'spec' && name !== 'status';
    if (!isEnvelope && (child.description ?? '') === '') wrong.push(`${at}.${name}: no description`);
    check(child, `${at}.${name}`, wrong);
  }
  if (schema.items !== undefined) check(schema.items, `${at}[]`, wrong);
  if (schema.additionalProperties !== undefined) check(schema.additionalProperties, `${at}{}`, wrong);
}
