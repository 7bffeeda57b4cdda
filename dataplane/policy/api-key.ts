/** Where a request says who it is by a key, the same in nginx and in explain. Source: GW-34. */
import type { RequestView } from './request-view.ts';

export interface ApiKeyStep {
  readonly type: 'apiKey';
  /** `namespace/name` */
  readonly secrets: readonly string[];
  readonly places: readonly ApiKeyPlace[];
  readonly clientHeader?: string;
  readonly hidesKey: boolean;
}

export interface ApiKeyPlace {
  readonly in: 'header' | 'query' | 'cookie';
  readonly name: string;
}

/** @returns undefined when it has none */
export function apiKeyIn(places: readonly ApiKeyPlace[], request: RequestView): string | undefined {
  for (const place of places) {
    const key = keyAt(place, request);
    if (key !== undefined && key !== '') return key;
  }
  return undefined;
}

function keyAt({ in: part, name }: ApiKeyPlace, request: RequestView): string | undefined {
  switch (part) {
    case 'header':
      return request.header(name);
    case 'query':
      return request.query(name)?.[0];
    case 'cookie':
      return request.cookie(name);
  }
}
