import type { Writable } from 'node:stream';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import { stringify as yamlText } from 'yaml';
import { parseStored } from '../object.ts';
import { PROTOBUF_TYPE } from '../protobuf/decode.ts';
import { protobufEncoder } from '../protobuf/encode.ts';
import type { JsonObject } from '../schema/json.ts';
import { badRequest, StatusError } from '../status-error.ts';
import { inVersion } from '../storage/entry.ts';
import { type TableOptions, tableOf } from '../table/table.ts';
import type { ListPage } from '../verbs/list.ts';
import { Slice } from '../verbs/slice.ts';
import type { Target } from '../verbs/target.ts';
import type { Exchange } from './exchange.ts';
import { type ListItems, ListPieces } from './list-pieces.ts';
import { acceptsAnyForm, type Format, negotiate, type Representation } from './negotiation.ts';

/** How the client wants objects of the kind. @throws StatusError 406 */
export function representationFor(exchange: Exchange, { resource, version, name }: Target): Representation {
  const { accept } = exchange;
  // Only who asks for protobuf makes us look whether there is one.
  const hasProtobuf =
    accept.includes('protobuf') && resource.origin === 'built-in' && protobufEncoder().knows(version.names);
  const isPlain = accept === '' || accept === 'application/json';
  if (!isPlain && resource.origin === 'built-in' && !acceptsAnyForm(accept)) throw unknownForm(exchange, name);
  const representation = negotiate(accept, hasProtobuf);
  if (representation.as === 'table') checkIncluded(exchange);
  return representation;
}

const FORMS = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const STREAMS = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';

function unknownForm({ method }: Exchange, name: string): StatusError {
  const forms = method === 'GET' && name === '' ? `${FORMS}, ${STREAMS}` : FORMS;
  return new StatusError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${forms}`, {
    details: {},
  });
}

/** @throws StatusError 400 */
function checkIncluded(exchange: Exchange): void {
  const given = exchange.param('includeObject');
  if (given === undefined || given === 'None' || given === 'Object' || given === 'Metadata') return;
  const why = `includeObject: Invalid value: ${JSON.stringify(given)}: must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: ${why}`);
}

/** Who reads asks for an object where there is one, and for a list where there are many. @throws StatusError 406 */
function checkMetadataKind(
  { method }: Exchange,
  { resource }: Target,
  { kind }: { readonly kind: string },
  isList: boolean,
): void {
  if (method !== 'GET' || (kind === 'PartialObjectMetadataList') === isList) return;
  const type =
    resource.origin === 'custom'
      ? `unstructured.Unstructured${isList ? 'List' : ''}`
      : `${resource.group === '' ? 'core' : resource.group.split('.')[0]}.${isList ? resource.listKind : resource.kind}`;
  const what = isList ? 'is a list' : 'is not a list';
  throw new StatusError(406, 'NotAcceptable', `you requested ${kind}, but the requested object ${what} (*${type})`);
}

/** Answers with one object. @param json in the storage version */
export function sendObject(exchange: Exchange, target: Target, json: string, code: number, now: Date): void {
  const representation = representationFor(exchange, target);
  const text = inVersion(json, apiVersionOf(target.version.names));
  switch (representation.as) {
    case 'object':
      if (representation.format === 'json') exchange.send(code, 'application/json', text);
      else sendIn(exchange, representation.format, code, parseStored(text));
      return;
    case 'table': {
      const object = parseStored(text);
      const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' };
      const options = { ...tableOptions(exchange, representation.apiVersion, now), metadata };
      sendIn(exchange, representation.format, code, tableOf(target.version.printer, [object], options));
      return;
    }
    case 'metadata':
      checkMetadataKind(exchange, target, representation, false);
      sendIn(exchange, representation.format, code, partialMetadata(text, representation.apiVersion));
      return;
  }
}

function sendIn(exchange: Exchange, format: Format, code: number, object: object): void {
  switch (format) {
    case 'json':
      exchange.sendJson(code, object);
      return;
    case 'yaml':
      exchange.send(code, 'application/yaml', yamlText(object));
      return;
    case 'protobuf':
      exchange.send(code, PROTOBUF_TYPE, protobufEncoder().object(object));
      return;
  }
}

/** What a list is sent from: a page, or whatever else has texts in the storage version. */
export interface ObjectTexts extends Pick<ListPage, 'revision' | 'continue' | 'remaining'> {
  readonly entries: readonly { readonly json: string }[];
}

/** Answers with a list, in pieces and in slices of time; unfiltered JSON is sent as it is stored. */
export async function sendList(exchange: Exchange, target: Target, page: ObjectTexts, now: Date): Promise<void> {
  const representation = representationFor(exchange, target);
  const ownVersion = apiVersionOf(target.version.names);
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.continue === undefined ? {} : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  if (representation.as === 'table') {
    const options = { ...tableOptions(exchange, representation.apiVersion, now), metadata };
    const objects = page.entries.map(({ json }) => parseStored(inVersion(json, ownVersion)));
    sendIn(exchange, representation.format, 200, tableOf(target.version.printer, objects, options));
    return;
  }
  if (representation.as === 'metadata') checkMetadataKind(exchange, target, representation, true);
  const isWhole = representation.as === 'object';
  const kind = isWhole ? target.resource.listKind : 'PartialObjectMetadataList';
  const head = { kind, apiVersion: isWhole ? ownVersion : representation.apiVersion, metadata };
  const textOf = (json: string): string =>
    isWhole ? inVersion(json, ownVersion) : JSON.stringify(partialMetadata(json, representation.apiVersion));
  switch (representation.format) {
    case 'json':
      return sendJsonList(exchange, head, page.entries, { form: `${representation.as} ${head.apiVersion}`, textOf });
    case 'yaml': {
      const items = page.entries.map(({ json }) => JSON.parse(textOf(json)));
      return exchange.send(200, 'application/yaml', yamlText({ ...head, items }));
    }
    case 'protobuf': {
      const items: Buffer[] = [];
      const slice = new Slice(exchange.identity.username);
      for (const { json } of page.entries) {
        items.push(protobufEncoder().item(parseStored(textOf(json))));
        if (slice.isOver) await slice.pause();
      }
      return exchange.send(200, PROTOBUF_TYPE, protobufEncoder().list(head, items));
    }
  }
}

export function tableOptions(exchange: Exchange, apiVersion: string, now: Date): Omit<TableOptions, 'metadata'> {
  const given = exchange.param('includeObject');
  const includeObject = given === 'None' || given === 'Object' ? given : 'Metadata';
  return { includeObject, apiVersion, now };
}

export function partialMetadata(json: string, apiVersion: string): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: parseStored(json).metadata };
}

/** How items are shown. */
interface ItemTexts {
  readonly form: string;
  readonly textOf: (json: string) => string;
}

async function sendJsonList(exchange: Exchange, head: object, items: ListItems, texts: ItemTexts): Promise<void> {
  const pieces = ListPieces.of(items, texts.form, texts.textOf);
  try {
    await sendItems(exchange, head, pieces);
  } finally {
    pieces.release();
  }
}

async function sendItems(exchange: Exchange, head: object, pieces: ListPieces): Promise<void> {
  const slice = new Slice(exchange.identity.username);
  const begin = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`);
  const end = Buffer.from(']}\n');
  if (slice.isOver) await slice.pause();
  const first = pieces.at(0);
  if (first === undefined || pieces.isSingle) {
    exchange.send(200, 'application/json', Buffer.concat([begin, first ?? Buffer.alloc(0), end]));
    return;
  }
  exchange.begin(200, 'application/json');
  const body = exchange.acceptsGzip ? exchange.compressed() : exchange.response;
  body.write(begin);
  let piece: Buffer | undefined = first;
  for (let index = 1; piece !== undefined; index++) {
    const flowing = body.write(piece);
    if (!flowing) await drained(body);
    if (slice.isOver) await slice.pause();
    if (exchange.response.destroyed) return;
    piece = pieces.at(index);
  }
  body.end(end);
}

/** Resolves when the client has read enough, or is gone. */
export function drained(body: Writable): Promise<void> {
  if (!body.writableNeedDrain || body.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      body.off('drain', done);
      body.off('close', done);
      resolve();
    };
    body.on('drain', done);
    body.on('close', done);
  });
}
