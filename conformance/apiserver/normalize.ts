import type { JsonObject, JsonValue } from '@causeway/apiserver/schema/json';
import type { Answer } from './answer.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** `5m30s`, `7d23h`, `6y327d`: of two units, or of one. */
const AGE = /^(?:\d+[smhdy]|\d+m\d+s|\d+h\d+m|\d+d\d+h|\d+y\d+d)$/;
const SERVICE_ADDRESS = /\b10\.96\.\d+\.\d+\b/g;
const TOKEN_VOLUME = /kube-api-access-[a-z0-9]{5}/g;
/** A node port that two ports of a Service have, or in a row of a table. */
const NODE_PORT = /(nodePort: Duplicate value: |^Duplicate value: |(?:^|,)\d+:)3[0-2]\d{3}\b/g;
/** Go prints where values are. */
const POINTER = /0x[0-9a-f]{8,}/g;
/** `too old resource version: 5 (77)` and its like. */
const REVISIONS = /(resource ?version: )\d+( \()?\d*(, current: )?\d*/gi;
const IN_RECORD = /(ResourceVersion in record \()\d+/g;
/** In a cell: `80:30123/TCP` */
const CELL_PORT = /(\d+:)3\d{4}(?=\/)/g;
/** Which of them it is that allows a path, Kubernetes leaves to chance. */
const PUBLIC_ROLE = /"system:(discovery|public-info-viewer)"/g;

/**
 * What answers of two servers to one sequence must have in common. Times, addresses and ports that the server chose become words.
 * UIDs, names that were generated and versions of objects become numbers in the order in which they appear, so that it still shows
 * which of them are the same. The version of a list, which whoever writes elsewhere changes, and tokens become words.
 */
export function normalized(
  answers: readonly (Answer | undefined)[],
  serverPort?: number,
): readonly (Answer | undefined)[] {
  const names = new Names(serverPort);
  return answers.map((answer) => {
    if (answer === undefined) return undefined;
    if ('events' in answer) return { events: answer.events.map((event) => names.value(event, '')) };
    return {
      ...answer,
      warnings: answer.warnings.map((warning) => names.text(warning)),
      body: names.value(answer.body, ''),
    };
  });
}

/** Where kube-apiserver says that it is: it does not take a loopback address, and nobody follows this one. */
export const ADVERTISED_ADDRESS = '192.0.2.1';
const SERVER_ADDRESSES: ReadonlySet<string> = new Set([ADVERTISED_ADDRESS, '127.0.0.1']);

/** Controllers of a cluster, and our server, put it into each namespace; what it says is of no interest. */
export const AUTHORITY = 'kube-root-ca.crt';

class Names {
  readonly #uids = new Map<string, string>();
  readonly #versions = new Map<string, string>();
  readonly #generated = new Map<string, string>();
  readonly #serverPort: number | undefined;

  constructor(serverPort: number | undefined) {
    this.#serverPort = serverPort;
  }

  value(value: JsonValue, key: string): JsonValue {
    if (typeof value === 'string') return this.#string(value, key);
    if (typeof value === 'number') return this.#number(value, key);
    if (Array.isArray(value)) return this.#array(value, key);
    if (typeof value !== 'object' || value === null) return value;
    return this.#object(value);
  }

  text(text: string): string {
    let result = text
      .replaceAll(UID, (uid) => numbered(this.#uids, uid, 'uid'))
      .replaceAll(SERVICE_ADDRESS, '<address>')
      .replaceAll(TOKEN_VOLUME, 'kube-api-access-<name>')
      .replaceAll(NODE_PORT, '$1<port>')
      .replaceAll(POINTER, '<pointer>')
      .replaceAll(REVISIONS, '$1<version>')
      .replaceAll(IN_RECORD, '$1<version>')
      .replaceAll(PUBLIC_ROLE, '"system:<public>"');
    for (const [name, stand] of this.#generated) result = result.replaceAll(name, stand);
    return result;
  }

  #number(value: number, key: string): JsonValue {
    if (value === this.#serverPort) return '<server port>';
    return key === 'nodePort' || key === 'healthCheckNodePort' ? '<port>' : value;
  }

  #string(text: string, key: string): JsonValue {
    if (SERVER_ADDRESSES.has(text)) return '<server>';
    if (TIME.test(text)) return '<time>';
    if (key === 'cells') return AGE.test(text) ? '<age>' : this.text(text.replaceAll(CELL_PORT, '$1<port>'));
    if (key === 'serverAddress') return '<address>';
    if (key === 'token' || key === 'continue') return text === '' ? '' : `<${key}>`;
    return this.text(text);
  }

  #array(items: readonly JsonValue[], key: string): JsonValue {
    const values = items.map((item) => this.value(item, key));
    if (key === 'causes') return causesOf(values);
    if (key === 'resources' || key === 'subresources') return byName(values);
    // In the order of times, whose fractions are not shown.
    return key === 'managedFields'
      ? values.toSorted((one, other) => compareText(orderOf(one), orderOf(other)))
      : values;
  }

  #object(object: JsonObject): JsonObject {
    const { metadata } = object;
    if (isObject(metadata)) {
      if (metadata['name'] === AUTHORITY) return { metadata: { name: AUTHORITY } };
      this.#learn(metadata);
    }
    const result: Record<string, JsonValue> = {};
    for (const key of Object.keys(object).toSorted(compareText)) {
      const value = object[key];
      if (value === undefined) continue;
      if (key === 'resourceVersion' && typeof value === 'string' && /^\d+$/.test(value)) {
        result[key] = 'uid' in object ? numbered(this.#versions, value, 'version') : '<version>';
      } else result[key.startsWith('k:{') ? this.text(key) : key] = this.value(value, key);
    }
    const { kind, items } = result;
    if (kind === 'APIGroupDiscoveryList' && Array.isArray(items)) result['items'] = byName(items);
    return result;
  }

  #learn(metadata: JsonObject): void {
    const { name, generateName } = metadata;
    if (typeof name !== 'string' || typeof generateName !== 'string' || generateName === '') return;
    if (!this.#generated.has(name) && name !== generateName && name.startsWith(generateName)) {
      this.#generated.set(name, `${generateName}<${this.#generated.size + 1}>`);
    }
  }
}

/** Each once: Kubernetes runs some checks twice. Conflicts of server-side apply in an order, which it leaves to chance. */
function causesOf(causes: readonly JsonValue[]): JsonValue[] {
  const texts = [...new Set(causes.map((cause) => JSON.stringify(cause)))];
  const conflicts = texts.every((text) => text.includes('"FieldManagerConflict"'));
  return (conflicts ? texts.toSorted(compareText) : texts).map((text): JsonValue => JSON.parse(text));
}

/** What discovery lists, by its names: one server has more of it, and sequences that run meanwhile define groups. */
function byName(items: readonly JsonValue[]): JsonValue {
  const named = items.map((item): readonly [string, JsonValue] => [isObject(item) ? nameOf(item) : '', item]);
  if (named.some(([name]) => name === '')) return [...items];
  return Object.fromEntries(named.filter(([name]) => !name.endsWith('.example.org')));
}

function nameOf({ name, resource, subresource, metadata }: JsonObject): string {
  return String(name ?? resource ?? subresource ?? (isObject(metadata) ? metadata['name'] : undefined) ?? '');
}

function numbered(known: Map<string, string>, value: string, what: string): string {
  let stand = known.get(value);
  if (stand === undefined) {
    stand = `<${what} ${known.size + 1}>`;
    known.set(value, stand);
  }
  return stand;
}

function orderOf(value: JsonValue): string {
  if (!isObject(value)) return '';
  return ['operation', 'manager', 'subresource', 'apiVersion'].map((key) => String(value[key])).join(' ');
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
