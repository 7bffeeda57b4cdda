import { ColdText, type ColdTexts } from '@causeway/apis/meta/cold-text';
import { type ApiObject, parseStored } from '../object.ts';
import { interned } from './interned.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * One object as it is stored: its JSON text, and the few facts the server needs without parsing it again. Lists, watches and
 * gets send `json` as it is, so an unfiltered list of 10,000 objects parses nothing.
 */
export class Entry {
  /** `namespace/name`; `/name` for cluster-scoped kinds. */
  readonly key: string;
  readonly namespace: string;
  readonly uid: string;
  /** The number in `metadata.resourceVersion`. */
  readonly revision: number;
  readonly labels: Labels | undefined;
  /** uids of `metadata.ownerReferences`. */
  readonly owners: readonly string[];
  /** Has a deletionTimestamp. */
  readonly terminating: boolean;
  #json: string | ColdText;

  constructor(object: ApiObject, json: string) {
    const { namespace = '', name, uid = '', labels, ownerReferences, resourceVersion } = object.metadata;
    this.key = entryKey(namespace, name);
    this.namespace = interned(namespace);
    this.uid = uid;
    this.revision = Number(resourceVersion);
    this.labels = labels === undefined ? undefined : withInternedValues(labels);
    this.owners = ownerReferences === undefined ? NO_OWNERS : ownerReferences.map((owner) => interned(owner.uid));
    this.terminating = object.metadata.deletionTimestamp !== undefined;
    this.#json = json;
  }

  get name(): string {
    return this.key.slice(this.namespace.length + 1);
  }

  /** Always begins with `apiVersion` and `kind`, see {@link serialize}. */
  get json(): string {
    return typeof this.#json === 'string' ? this.#json : this.#json.read();
  }

  /** Holds the text compressed from now on: for objects that nobody asked for lately. */
  cool(texts: ColdTexts): void {
    if (!(this.#json instanceof ColdText)) this.#json = texts.add(this.#json);
  }
}

const NO_OWNERS: readonly string[] = [];

export function entryKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

export function objectOf(entry: Entry): ApiObject {
  return parseStored(entry.json);
}

/** JSON text with `apiVersion` and `kind` in front, so that {@link inVersion} can exchange the version without parsing. */
export function serialize(object: ApiObject): string {
  const { apiVersion, kind, metadata, ...rest } = object;
  return JSON.stringify({ apiVersion, kind, metadata, ...rest });
}

/** The same object under another apiVersion: conversion strategy None changes nothing else. */
export function inVersion(json: string, apiVersion: string): string {
  const head = `{"apiVersion":"${apiVersion}"`;
  if (json.startsWith(head)) return json;
  return head + json.slice(json.indexOf(',"kind":'));
}

/** The apiVersion of the text. */
export function storedApiVersion({ json }: Entry): string {
  return json.slice('{"apiVersion":"'.length, json.indexOf('","kind":'));
}

function withInternedValues(labels: Labels): Labels {
  const copy: Record<string, string> = {};
  for (const name in labels) copy[name] = interned(labels[name] ?? '');
  return copy;
}
