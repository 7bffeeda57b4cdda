import { readFileSync } from 'node:fs';
import path from 'node:path';
import { BUNDLE_VERSION } from '@causeway/apis/gateway-api/bundle';
import { SUPPORTED_FEATURES } from '@causeway/translate/gateway-api/class/class-status';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

interface Result {
  readonly result: string;
  readonly supportedFeatures?: readonly string[];
}

interface Report {
  readonly gatewayAPIVersion: string;
  readonly profiles: readonly { readonly name: string; readonly core: Result; readonly extended: Result }[];
}

const FOLDER = path.resolve(import.meta.dirname, '../../docs/conformance');

describe.each(['gateway-api', 'gateway-api-cluster'])("GW-48 the kept report of upstream's suite, %s", (name) => {
  const { gatewayAPIVersion, profiles } = parse(readFileSync(path.join(FOLDER, `${name}.yaml`), 'utf8')) as Report;

  test('is of the release that is served, and nothing failed', () => {
    expect(gatewayAPIVersion).toBe(BUNDLE_VERSION);
    expect(
      Object.fromEntries(profiles.map(({ name, core, extended }) => [name, [core.result, extended.result]])),
    ).toEqual(
      Object.fromEntries(
        ['HTTP', 'GRPC', 'TLS', 'TCP', 'UDP'].map((each) => [`GATEWAY-${each}`, ['success', 'success']]),
      ),
    );
  });

  test('what passed then is claimed still', () => {
    const passed = new Set(profiles.flatMap(({ extended }) => extended.supportedFeatures ?? []));
    expect([...passed].filter((name) => !SUPPORTED_FEATURES.includes(name))).toEqual([]);
  });
});
