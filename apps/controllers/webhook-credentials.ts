/**
 * The certificate of the admission webhook. All replicas have one, in a Secret: whoever finds it missing or about to end makes
 * a new one, and tells the API server which authority to trust. Writes name the version that was read, so of two replicas one
 * wins, and the other reads again.
 */
import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject, ObjectKey } from '@causeway/apis/meta/object';
import { renewedCredentials, type SignedCredentials } from '@causeway/apiserver/pki/authority';
import { ApiError } from '@causeway/protocols/kubernetes/api-error';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_REFS } from '@causeway/resources/kinds';

type Api = Pick<KubernetesClient, 'get' | 'create' | 'update' | 'patch'>;

const CONFIGURATION: KindRef = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  namespaced: false,
};

/** Keys of the Secret; two are those of every TLS Secret. */
const PARTS: Readonly<Record<keyof SignedCredentials, string>> = {
  caCertificate: 'ca.crt',
  caKey: 'ca.key',
  certificate: 'tls.crt',
  key: 'tls.key',
};

const ATTEMPTS = 5;

/**
 * @param service of the webhook; the Secret has its name
 * @throws ApiError when the API refuses, or replicas win against this one again and again
 */
export async function storedCredentials(api: Api, service: ObjectKey, now: Date): Promise<SignedCredentials> {
  const { namespace, name } = service;
  const names = [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
  for (let attempt = 1; ; attempt += 1) {
    const secret = await api.get(KIND_REFS.Secret, service);
    const present = partsOf(secret);
    const made = await renewedCredentials(present, names, now);
    if (made.certificate === present.certificate) return made;
    try {
      const object = secretOf(service, made, secret);
      if (secret === undefined) await api.create(KIND_REFS.Secret, object);
      else await api.update(KIND_REFS.Secret, object);
      return made;
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 409 || attempt === ATTEMPTS) throw error;
    }
  }
}

function partsOf(secret: KubernetesObject | undefined): Partial<SignedCredentials> {
  const data = (secret as { readonly data?: Readonly<Record<string, string>> } | undefined)?.data ?? {};
  const parts: Partial<Record<keyof SignedCredentials, string>> = {};
  for (const [part, key] of Object.entries(PARTS) as [keyof SignedCredentials, string][]) {
    const text = data[key];
    if (text !== undefined && text !== '') parts[part] = Buffer.from(text, 'base64').toString();
  }
  return parts;
}

function secretOf(
  { namespace, name }: ObjectKey,
  credentials: SignedCredentials,
  stored: KubernetesObject | undefined,
): KubernetesObject {
  const data: Record<string, string> = {};
  for (const [part, key] of Object.entries(PARTS) as [keyof SignedCredentials, string][]) {
    data[key] = Buffer.from(credentials[part]).toString('base64');
  }
  const metadata = { ...stored?.metadata, namespace, name };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', data } as KubernetesObject;
}

interface Configuration extends KubernetesObject {
  readonly webhooks?: readonly {
    readonly clientConfig?: {
      readonly caBundle?: string;
      readonly service?: { readonly namespace?: string; readonly name?: string };
    };
  }[];
}

/**
 * Makes the API server trust this authority where it asks that Service.
 *
 * @param configuration name of the ValidatingWebhookConfiguration; absent is fine: it may be installed later
 */
export async function trustAuthority(
  api: Api,
  configuration: string,
  service: ObjectKey,
  caCertificate: string,
): Promise<void> {
  const key = { namespace: '', name: configuration };
  const stored: Configuration | undefined = await api.get(CONFIGURATION, key);
  const want = Buffer.from(caCertificate).toString('base64');
  const patch = (stored?.webhooks ?? []).flatMap(({ clientConfig }, index) => {
    const asks = clientConfig?.service;
    if (asks?.namespace !== service.namespace || asks.name !== service.name || clientConfig?.caBundle === want)
      return [];
    return [{ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: want }];
  });
  if (stored === undefined || patch.length === 0) return;
  const unchanged = { op: 'test', path: '/metadata/resourceVersion', value: stored.metadata.resourceVersion };
  await api.patch(CONFIGURATION, key, [unchanged, ...patch], { type: 'json' });
}
