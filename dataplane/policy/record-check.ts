/**
 * Checks decoded JSON before anything of it is used, so that a transaction either
 * applies completely or not at all. The records come from our own agent: this
 * finds version skew and damage, it does not judge what users wrote.
 */
import type { DataplaneRecord, StreamLine } from './record.ts';

type Fields = Readonly<Record<string, unknown>>;
type Items = readonly unknown[];
type FieldType = 'string' | 'number' | 'boolean' | 'object';
type FieldTypes = Readonly<Record<string, FieldType>>;

/** Says what is wrong with a decoded line; undefined: it is a {@link StreamLine}. */
export function lineProblem(line: unknown): string | undefined {
  if (!isObject(line)) return 'a line is not an object';
  const op = line['op'] as StreamLine['op'];
  switch (op) {
    case 'begin':
      return fieldsProblem(line, { full: 'boolean' }, 'begin');
    case 'commit':
      return fieldsProblem(line, { version: 'number' }, 'commit');
    case 'delete':
      return fieldsProblem(line, { type: 'string', id: 'string' }, 'delete');
    case 'put':
      return isObject(line['record']) ? recordProblem(line['record']) : 'put: no record';
  }
  return `unknown line ${String(op)}`;
}

const RECORD_FIELDS: Readonly<Record<DataplaneRecord['type'], FieldTypes>> = {
  port: { id: 'string', port: 'number', name: 'string' },
  streamPort: { id: 'string' },
  passthrough: { id: 'string' },
  route: {
    id: 'string',
    ports: 'object',
    match: 'object',
    priority: 'number',
    specificity: 'object',
    tie: 'string',
    action: 'object',
    name: 'string',
  },
  group: { id: 'string', peers: 'object', emptyStatus: 'number', emptyReason: 'string' },
  certificate: { id: 'string', chainPem: 'string', keyPem: 'string' },
  serverName: { id: 'string', port: 'string', host: 'string', certificate: 'string' },
  clientPolicy: { id: 'string', verify: 'string' },
  hostTls: { id: 'string', port: 'string', host: 'string' },
};

function recordProblem(record: Fields): string | undefined {
  const type = record['type'] as DataplaneRecord['type'];
  const where = `${String(type)} ${String(record['id'])}`;
  const types = RECORD_FIELDS[type] as FieldTypes | undefined;
  if (types === undefined) return `unknown record ${where}`;
  const problem = fieldsProblem(record, types, where);
  if (problem !== undefined) return problem;
  switch (type) {
    case 'port':
      return record['fallback'] === undefined ? undefined : actionProblem(record['fallback'], where);
    case 'route':
      return (
        actionProblem(record['action'], where) ??
        termsProblem(record['match'] as Items, where) ??
        itemsProblem(record['ports'] as Items, 'string', `${where}: ports`) ??
        itemsProblem(record['specificity'] as Items, 'number', `${where}: specificity`)
      );
    case 'group':
      return peersProblem(record['peers'] as Items, where);
    default:
      return undefined;
  }
}

function actionProblem(action: unknown, where: string): string | undefined {
  if (!isObject(action)) return `${where}: no action`;
  for (const step of (action['steps'] ?? []) as Items) {
    if (!isObject(step) || typeof step['type'] !== 'string') return `${where}: a step without type`;
  }
  if (action['http2'] !== undefined) {
    const problem = actionProblem(action['http2'], where);
    if (problem !== undefined) return problem;
  }
  if (action['type'] === 'forward') return fieldsProblem(action, { group: 'string' }, where);
  if (action['type'] === 'redirect') return fieldsProblem(action, { redirect: 'object' }, where);
  if (action['type'] === 'respond') return fieldsProblem(action, { status: 'number' }, where);
  if (action['type'] === 'split')
    return fieldsProblem(action, { branches: 'object' }, where) ?? branchesProblem(action['branches'] as Items, where);
  return `${where}: unknown action ${String(action['type'])}`;
}

function branchesProblem(branches: Items, where: string): string | undefined {
  for (const branch of branches) {
    if (!isObject(branch)) return `${where}: a branch is not an object`;
    const problem = fieldsProblem(branch, { weightUpTo: 'number' }, where) ?? actionProblem(branch['action'], where);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function peersProblem(peers: Items, where: string): string | undefined {
  for (const peer of peers) {
    if (!isObject(peer)) return `${where}: a peer is not an object`;
    const problem = fieldsProblem(peer, { address: 'string', port: 'number', weight: 'number' }, where);
    if (problem !== undefined) return problem;
    if ((peer['weight'] as number) < 0) return `${where}: weight below 0`;
  }
  return undefined;
}

function termsProblem(terms: Items, where: string): string | undefined {
  for (const term of terms) {
    if (!isObject(term)) return `${where}: a term is not an object`;
    const problem = fieldsProblem(term, { subject: 'string', tests: 'object' }, where);
    if (problem !== undefined) return problem;
    for (const test of term['tests'] as Items) {
      const testProblem = isObject(test) ? oneTestProblem(test, where) : `${where}: a test is not an object`;
      if (testProblem !== undefined) return testProblem;
    }
  }
  return undefined;
}

function oneTestProblem(test: Fields, where: string): string | undefined {
  switch (test['op']) {
    case 'equal':
    case 'prefix':
    case 'pathPrefix':
    case 'suffix':
      return fieldsProblem(test, { value: 'string' }, where);
    case 'hostSuffix':
      return fieldsProblem(test, { value: 'string', labels: 'string' }, where);
    case 'regex':
      return fieldsProblem(test, { pattern: 'string' }, where);
    case 'range':
      return fieldsProblem(test, { low: 'string', high: 'string' }, where);
    case 'in':
      return fieldsProblem(test, { values: 'object' }, where) ?? itemsProblem(test['values'] as Items, 'string', where);
    case 'exists':
      return undefined;
  }
  return `${where}: unknown test ${String(test['op'])}`;
}

function fieldsProblem(fields: Fields, types: FieldTypes, where: string): string | undefined {
  for (const name in types) {
    if (!hasType(fields[name], types[name] ?? 'object')) return `${where}: field ${name} is missing or wrong`;
  }
  return undefined;
}

function itemsProblem(items: Items, type: FieldType, where: string): string | undefined {
  for (const item of items) {
    if (!hasType(item, type)) return `${where}: a wrong item`;
  }
  return undefined;
}

/** JSON null is nothing of this: in Lua it is userdata, in Node it is excluded here. */
function hasType(value: unknown, type: FieldType): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'object':
      return isObject(value);
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
