/** Providers that routes of a data plane name: each is asked where its endpoints are before the first user comes, and again until it says so. */
import type { NamedProviders, OpenidProviders, ProviderAt } from '@causeway/targets/nginx/openid-providers';
import type { ProviderProblem } from '@causeway/targets/nginx/status';
import { type Discovery, isAsked, providerName } from './provider-endpoints.ts';

/** A status has room for so many. */
const MOST_PROBLEMS = 50;

export function openidProviders(discovery: Discovery): OpenidProviders {
  return { open: () => namedProviders(discovery) };
}

interface Named {
  readonly provider: ProviderAt;
  readonly routes: Set<string>;
  readonly leave: () => void;
}

function namedProviders(discovery: Discovery): NamedProviders {
  const named = new Map<string, Named>();
  const ofRoute = new Map<string, readonly string[]>();
  const join = (name: string, provider: ProviderAt, route: string): void => {
    const known = named.get(name) ?? { provider, routes: new Set<string>(), leave: discovery.keepAsking(provider) };
    known.routes.add(route);
    named.set(name, known);
  };
  const part = (name: string, route: string): void => {
    const known = named.get(name);
    known?.routes.delete(route);
    if (known?.routes.size !== 0) return;
    named.delete(name);
    known.leave();
  };
  return {
    name: (route, providers) => {
      const before = ofRoute.get(route) ?? [];
      const now = new Map(providers.filter(isAsked).map((provider) => [providerName(provider), provider]));
      for (const [name, provider] of now) join(name, provider, route);
      for (const name of before) if (!now.has(name)) part(name, route);
      if (now.size === 0) ofRoute.delete(route);
      else ofRoute.set(route, [...now.keys()]);
    },
    problems: () =>
      [...named.values()]
        .flatMap(({ provider }): readonly ProviderProblem[] => {
          const message = discovery.problemOf(provider);
          if (message === undefined) return [];
          const { issuer, at } = provider;
          return [{ issuer, ...(at === undefined ? {} : { service: `${at.host}:${at.port}` }), message }];
        })
        .sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1))
        .slice(0, MOST_PROBLEMS),
    close: () => {
      for (const { leave } of named.values()) leave();
      named.clear();
      ofRoute.clear();
    },
  };
}

function textOf({ issuer, service = '' }: ProviderProblem): string {
  return `${issuer} ${service}`;
}
