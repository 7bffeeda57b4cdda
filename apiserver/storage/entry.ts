import { type ApiObject, parseStored } from '../object.ts';

/**
 * One object as it is stored: its JSON text, and the few facts the server needs without parsing it again. Lists, watches and
 * gets send `json` as it is, so an unfiltered list of 10,000 objects parses nothing.
 */
export interface Entry {
  /** `namespace/name`; `/name` for cluster-scoped kinds. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The number in `metadata.resourceVersion`. */
  readonly revision: number;
  /** Always begins with `apiVersion` and `kind`, see {@link serialize}. */
  readonly json: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** uids of `metadata.ownerReferences`. */
  readonly owners: readonly string[];
  /** Has a deletionTimestamp. */
  readonly terminating: boolean;
}

const NO_OWNERS: readonly string[] = [];

export function entryKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

export function entryOf(object: ApiObject, json: string): Entry {
  const { namespace = '', name, uid = '', labels, ownerReferences, resourceVersion } = object.metadata;
  return {
    key: entryKey(namespace, name),
    namespace,
    name,
    uid,
    revision: Number(resourceVersion),
    json,
    labels,
    owners: ownerReferences === undefined ? NO_OWNERS : ownerReferences.map((owner) => owner.uid),
    terminating: object.metadata.deletionTimestamp !== undefined,
  };
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
