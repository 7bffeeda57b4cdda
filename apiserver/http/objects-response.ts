import { apiVersionOf } from '@causeway/apis/meta/kind';
import { stringify as yamlText } from 'yaml';
import { parseStored } from '../object.ts';
import type { JsonObject } from '../schema/json.ts';
import { inVersion, objectOf } from '../storage/entry.ts';
import { type TableOptions, tableOf } from '../table/table.ts';
import type { ListPage } from '../verbs/list.ts';
import { Slice } from '../verbs/slice.ts';
import type { Target } from '../verbs/target.ts';
import type { Exchange } from './exchange.ts';
import { negotiate } from './negotiation.ts';

/** Text is handed to the socket in pieces of this many characters. */
const PIECE_CHARACTERS = 128 * 1024;

/** Answers with one object. @param json in the storage version */
export function sendObject(exchange: Exchange, target: Target, json: string, code: number, now: Date): void {
  const apiVersion = apiVersionOf(target.version.names);
  const representation = negotiate(exchange.accept);
  const text = inVersion(json, apiVersion);
  switch (representation.as) {
    case 'json':
      exchange.send(code, 'application/json', text);
      return;
    case 'yaml':
      exchange.send(code, 'application/yaml', yamlText(JSON.parse(text)));
      return;
    case 'table': {
      const object = parseStored(text);
      const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' };
      const options = { ...tableOptions(exchange, representation.apiVersion, now), metadata };
      exchange.sendJson(code, tableOf(target.version.printer, [object], options));
      return;
    }
    case 'metadata':
      exchange.sendJson(code, partialMetadata(text, representation.apiVersion));
      return;
  }
}

/** Answers with a list, in pieces and in slices of time; unfiltered JSON is sent as it is stored. */
export async function sendList(exchange: Exchange, target: Target, page: ListPage, now: Date): Promise<void> {
  const representation = negotiate(exchange.accept);
  const apiVersion = apiVersionOf(target.version.names);
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.continue === undefined ? {} : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  switch (representation.as) {
    case 'json': {
      const head = { kind: target.resource.listKind, apiVersion, metadata };
      return sendItems(exchange, head, page.entries, (entry) => inVersion(entry.json, apiVersion));
    }
    case 'metadata': {
      const head = { kind: 'PartialObjectMetadataList', apiVersion: representation.apiVersion, metadata };
      const render = (entry: { json: string }): string =>
        JSON.stringify(partialMetadata(entry.json, representation.apiVersion));
      return sendItems(exchange, head, page.entries, render);
    }
    case 'yaml': {
      const items = page.entries.map((entry) => JSON.parse(inVersion(entry.json, apiVersion)));
      return exchange.send(
        200,
        'application/yaml',
        yamlText({ kind: target.resource.listKind, apiVersion, metadata, items }),
      );
    }
    case 'table': {
      const options = { ...tableOptions(exchange, representation.apiVersion, now), metadata };
      const objects = page.entries.map((entry) => {
        const object = objectOf(entry);
        object.apiVersion = apiVersion;
        return object;
      });
      exchange.sendJson(200, tableOf(target.version.printer, objects, options));
      return;
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

async function sendItems<Item>(
  exchange: Exchange,
  head: object,
  items: readonly Item[],
  render: (item: Item) => string,
): Promise<void> {
  let piece = `${JSON.stringify(head).slice(0, -1)},"items":[`;
  const slice = new Slice();
  let begun = false;
  let separator = '';
  for (const item of items) {
    piece += separator + render(item);
    separator = ',';
    if (piece.length < PIECE_CHARACTERS) continue;
    if (!begun) exchange.begin(200, 'application/json');
    begun = true;
    const flowing = exchange.response.write(piece);
    piece = '';
    if (!flowing) await drained(exchange);
    else if (slice.isOver) await slice.pause();
    if (exchange.response.destroyed) return;
  }
  if (begun) exchange.response.end(`${piece}]}\n`);
  else exchange.send(200, 'application/json', `${piece}]}\n`);
}

/** Resolves when the client has read enough, or is gone. */
export function drained({ response }: Exchange): Promise<void> {
  if (!response.writableNeedDrain || response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
