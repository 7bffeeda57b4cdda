import type { Frontend, FrontendSpec } from '@causeway/apis/gateway/frontend';
import {
  ANNOTATION_DEFAULT_BACKEND_OF,
  ANNOTATION_DEFAULT_CERTIFICATE,
  LABEL_ALB,
} from '@causeway/apis/gateway/labels';
import type { ServiceGroup } from '@causeway/apis/gateway/service-group';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { albOf, frontendName, frontendOfPort } from './frontend-port.ts';
import type { ServingAlb } from './ingress-alb.ts';
import { secretId } from './secret-name.ts';

interface WantedPort {
  readonly port: number;
  readonly protocol: 'http' | 'https';
  /** Becomes the default service group unless the port has one (first wins; an administrator's is never replaced). */
  readonly defaultBackend?: { readonly group: ServiceGroup; readonly backendProtocol: string };
}

/**
 * The Frontend of an Ingress port: a new one, or the existing one with our part brought up to date. Ours are the default
 * service group taken from an Ingress, and the certificate while it is still the ALB's default.
 *
 * Source: spec ALB-18, ALB-24.
 */
export function ingressFrontend(view: View, ingress: Ingress, serving: ServingAlb, wanted: WantedPort): Frontend {
  const existing = frontendOfPort(view, serving.key, wanted.port);
  const frontend =
    existing === undefined ? newFrontend(ingress, serving, wanted) : withDefaultCertificate(existing, serving);
  return withDefaultBackend(frontend, keyOf(ingress), wanted.defaultBackend);
}

/**
 * Frontends whose default service group came from an Ingress that no longer gives one: they lose it, with source and
 * backendProtocol (ALB-21).
 *
 * @param served ALBs (`namespace/name`) that still serve the Ingress: their Frontends keep the source
 */
export function releaseFrontends(view: View, ingress: ObjectKey, served: ReadonlySet<string>): readonly Frontend[] {
  const released: Frontend[] = [];
  for (const frontend of view.by('Frontend', 'ingress', objectKeyText(ingress))) {
    const alb = albOf(frontend);
    if (alb !== undefined && served.has(objectKeyText(alb))) continue;
    const { serviceGroup: _group, source: _source, backendProtocol: _protocol, ...spec } = frontend.spec;
    released.push(withAnnotation({ ...frontend, spec }, ANNOTATION_DEFAULT_BACKEND_OF, undefined));
  }
  return released;
}

function newFrontend(ingress: Ingress, { alb, key, settings }: ServingAlb, { port, protocol }: WantedPort): Frontend {
  const { namespace, name } = keyOf(ingress);
  const certificate = protocol === 'https' ? defaultCertificate(settings.defaultSslCert) : undefined;
  const { uid } = alb.metadata;
  return {
    apiVersion: 'crd.alauda.io/v1',
    kind: 'Frontend',
    metadata: {
      name: frontendName(key.name, port),
      namespace: key.namespace,
      labels: { [LABEL_ALB]: key.name },
      ...(certificate === undefined ? {} : { annotations: { [ANNOTATION_DEFAULT_CERTIFICATE]: certificate } }),
      ...(uid === undefined
        ? {}
        : { ownerReferences: [{ apiVersion: 'crd.alauda.io/v2beta1', kind: 'ALB2', name: key.name, uid }] }),
    },
    spec: {
      port,
      protocol,
      ...(certificate === undefined || certificate === '' ? {} : { certificate_name: certificate }),
      source: { type: 'ingress', namespace, name },
    },
  };
}

/** `namespace_name`, as ALB writes it; '' for none. */
function defaultCertificate(text: string | undefined): string {
  return secretId(text ?? '')?.replace('/', '_') ?? '';
}

/**
 * The certificate follows the ALB's default as long as it is the one we wrote (decision of ALB-18). What we wrote stands
 * in an annotation; a Frontend without it was made by somebody else.
 */
function withDefaultCertificate(frontend: Frontend, { settings }: ServingAlb): Frontend {
  const written = frontend.metadata.annotations?.[ANNOTATION_DEFAULT_CERTIFICATE];
  const wanted = defaultCertificate(settings.defaultSslCert);
  if (written === undefined || written === wanted || (frontend.spec.certificate_name ?? '') !== written)
    return frontend;
  const { certificate_name: _certificate, ...rest } = frontend.spec;
  const spec: FrontendSpec = wanted === '' ? rest : { ...rest, certificate_name: wanted };
  return withAnnotation({ ...frontend, spec }, ANNOTATION_DEFAULT_CERTIFICATE, wanted);
}

function withDefaultBackend(frontend: Frontend, ingress: ObjectKey, wanted: WantedPort['defaultBackend']): Frontend {
  const owner = objectKeyText(ingress);
  const isOurs = frontend.metadata.annotations?.[ANNOTATION_DEFAULT_BACKEND_OF] === owner;
  const isFree = (frontend.spec.serviceGroup?.services ?? []).length === 0;
  if (wanted === undefined && !isOurs) return frontend;
  if (wanted !== undefined && !isOurs && !isFree) return frontend;
  const { serviceGroup: _group, backendProtocol: _protocol, ...rest } = frontend.spec;
  if (wanted === undefined)
    return withAnnotation({ ...frontend, spec: rest }, ANNOTATION_DEFAULT_BACKEND_OF, undefined);
  const spec: FrontendSpec = {
    ...rest,
    ...(wanted.backendProtocol === '' ? {} : { backendProtocol: wanted.backendProtocol }),
    serviceGroup: wanted.group,
    source: { type: 'ingress', ...ingress },
  };
  return withAnnotation({ ...frontend, spec }, ANNOTATION_DEFAULT_BACKEND_OF, owner);
}

function withAnnotation(frontend: Frontend, key: string, value: string | undefined): Frontend {
  const { [key]: _before, ...others } = frontend.metadata.annotations ?? {};
  const annotations = value === undefined ? others : { ...others, [key]: value };
  const { annotations: _annotations, ...metadata } = frontend.metadata;
  return {
    ...frontend,
    metadata: Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations },
  };
}
