import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { Message } from '../message.ts';

type Tell = (code: Message['code'], field: string, text: string) => unknown;
type Fields = Readonly<Record<string, unknown>>;

const GROUP = 'gateway.networking.k8s.io';

/** Kinds of the Gateway API, the version that every current release serves, and older forms of their fields. */
const KINDS: Readonly<
  Record<string, { readonly version: string; readonly reform?: (spec: Fields, tell: Tell) => Fields }>
> = {
  Gateway: { version: 'v1' },
  HTTPRoute: { version: 'v1' },
  GRPCRoute: { version: 'v1', reform: currentGrpcRoute },
  TLSRoute: { version: 'v1alpha2' },
  TCPRoute: { version: 'v1alpha2' },
  UDPRoute: { version: 'v1alpha2' },
  ReferenceGrant: { version: 'v1beta1' },
  BackendTLSPolicy: { version: 'v1', reform: currentBackendTlsPolicy },
};

/** The object in the version and form of today; undefined: no kind of the Gateway API that is converted. */
export function currentForm(object: KubernetesObject, tell: Tell): KubernetesObject | undefined {
  const kind =
    object.apiVersion.startsWith(`${GROUP}/`) && Object.hasOwn(KINDS, object.kind) ? KINDS[object.kind] : undefined;
  if (kind === undefined) return undefined;
  const apiVersion = `${GROUP}/${kind.version}`;
  if (object.apiVersion !== apiVersion) tell('W405', 'apiVersion', `${object.apiVersion} became ${apiVersion}`);
  const { spec } = object as { readonly spec?: unknown };
  const reformed = kind.reform !== undefined && isRecord(spec) ? { spec: kind.reform(spec, tell) } : {};
  return { ...object, apiVersion, ...reformed };
}

/** `method: {type: service, value: x}` of the platform's documents names a service, or a method. */
function currentGrpcRoute(spec: Fields, tell: Tell): Fields {
  return withItems(spec, 'rules', (rule, ruleIndex) =>
    withItems(rule, 'matches', (match, index) => {
      const { method } = match;
      if (!isRecord(method)) return match;
      const named = String(method['type']).toLowerCase();
      if ((named !== 'service' && named !== 'method') || typeof method['value'] !== 'string') return match;
      tell(
        'W405',
        `spec.rules[${ruleIndex}].matches[${index}].method`,
        `type ${named} with a value became field ${named}`,
      );
      return { ...match, method: { [named]: method['value'] } };
    }),
  );
}

/** Field `cACertificateRefs`, and names as texts, of versions before v1. */
function currentBackendTlsPolicy(spec: Fields, tell: Tell): Fields {
  const { validation } = spec;
  if (!isRecord(validation)) return spec;
  const { cACertificateRefs: refs, subjectAltNames: names, ...rest } = validation;
  if (refs !== undefined) tell('W405', 'spec.validation.cACertificateRefs', 'became caCertificateRefs');
  const texts = Array.isArray(names) && names.some((name) => typeof name === 'string');
  if (texts) tell('W405', 'spec.validation.subjectAltNames', 'texts became entries of type Hostname');
  const written = Array.isArray(names)
    ? (names as readonly unknown[]).map((name) =>
        typeof name === 'string' ? { type: 'Hostname', hostname: name } : name,
      )
    : names;
  return {
    ...spec,
    validation: {
      ...rest,
      ...(refs === undefined ? {} : { caCertificateRefs: refs }),
      ...(written === undefined ? {} : { subjectAltNames: written }),
    },
  };
}

function withItems(of: Fields, field: string, change: (item: Fields, index: number) => Fields): Fields {
  const items = of[field];
  if (!Array.isArray(items)) return of;
  const changed = (items as readonly unknown[]).map((item, index) => (isRecord(item) ? change(item, index) : item));
  return { ...of, [field]: changed };
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
