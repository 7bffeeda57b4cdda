import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import type { PathElement } from './path-element.ts';
import { commonShape, fieldSchema, itemElement } from './shape.ts';

/**
 * The live object with everything that `config` says; neither is changed. What `config` does not mention stays.
 *
 * Source: structured-merge-diff typed/merge.go.
 */
export function mergeConfig(schema: StructuralSchema, live: JsonObject, config: JsonObject): JsonObject {
  return mergeFields(schema, live, config);
}

function merge(
  schema: StructuralSchema | undefined,
  live: JsonValue | undefined,
  config: JsonValue | undefined,
): JsonValue | undefined {
  if (config === undefined) return live;
  switch (commonShape(schema, live, config)) {
    case 'leaf':
      return config;
    case 'map':
      return mergeFields(schema, isJsonObject(live) ? live : {}, isJsonObject(config) ? config : {});
    case 'list':
      return mergeItems(schema, Array.isArray(live) ? live : [], Array.isArray(config) ? config : []);
  }
}

function mergeFields(schema: StructuralSchema | undefined, live: JsonObject, config: JsonObject): JsonObject {
  const merged: JsonObject = { ...live };
  for (const key of Object.keys(config)) {
    const value = merge(fieldSchema(schema, key), live[key], config[key]);
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

/**
 * The elements of `config` come in its order. Those that only `live` has stay in front of the element of both that they
 * stood before.
 */
function mergeItems(
  schema: StructuralSchema | undefined,
  live: readonly JsonValue[],
  config: readonly JsonValue[],
): JsonValue[] {
  const elementOf = (item: JsonValue): PathElement => itemElement(schema, item) ?? '';
  const wanted = new Set(config.map(elementOf));
  const present = new Map(live.map((item) => [elementOf(item), item]));
  const both = config.map(elementOf).filter((element) => present.has(element));
  const merged: JsonValue[] = [];
  let at = 0;
  const passLive = (until: PathElement | undefined): void => {
    for (; at < live.length; at++) {
      const item = live[at] ?? null;
      const element = elementOf(item);
      if (element === until) return;
      if (!wanted.has(element)) merged.push(item);
    }
  };
  for (const item of config) {
    const element = elementOf(item);
    passLive(both[0]);
    const value = merge(schema?.items, present.get(element), item);
    if (value !== undefined) merged.push(value);
    if (both[0] === element) {
      both.shift();
      at++;
    }
  }
  passLive(undefined);
  return merged;
}
