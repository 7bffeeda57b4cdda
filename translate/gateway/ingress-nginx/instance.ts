import type { ObjectKey } from '@causeway/apis/meta/object';
import { objectKeyText } from '@causeway/apis/meta/object';
import type { InstanceIR, ListenerIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { instanceOf } from '../instance.ts';
import type { Need, Problem } from '../problem.ts';
import { type IngressNginxSettings, ingressNginxSettings } from './settings.ts';

export interface IngressNginxTranslation {
  readonly instance?: InstanceIR;
  readonly listeners: readonly ListenerIR[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/**
 * IngressNginx -> data plane with one HTTP and one HTTPS port.
 *
 * @returns nothing when there is no such object, it is being deleted, or wants no replicas
 */
export function translateIngressNginx(view: View, key: ObjectKey): IngressNginxTranslation {
  const object = view.get('IngressNginx', key);
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) {
    return { listeners: [], needs: [], problems: [] };
  }
  const settings = ingressNginxSettings(object);
  const problems = settings.mistakes.map(
    (message): Problem => ({
      object: { kind: 'IngressNginx', key },
      reason: 'InvalidField',
      message,
      severity: 'Warning',
    }),
  );
  if (settings.alb.replicas === 0) return { listeners: [], needs: [], problems };
  const { defaultCertificate, configMap } = settings;
  const { bindAddresses, trustsForwarded, tuning } = configMap;
  return {
    instance: {
      ...instanceOf(settings.id, settings.alb, tuning),
      forwardedHeaders: trustsForwarded ? 'append' : 'replace',
      ...(bindAddresses.length === 0 ? {} : { addresses: bindAddresses }),
    },
    listeners: [listener(settings, 'http'), listener(settings, 'https')],
    needs: defaultCertificate === undefined ? [] : [{ kind: 'certificate', id: defaultCertificate }],
    problems,
  };
}

export function listenerId({ id }: IngressNginxSettings, protocol: 'http' | 'https'): string {
  return `${objectKeyText(id)}-${protocol}`;
}

/** IN-19: without a certificate of its own a name gets the default one, and if there is none, one that is self-signed. */
function listener(settings: IngressNginxSettings, protocol: 'http' | 'https'): ListenerIR {
  const { id, defaultCertificate, configMap } = settings;
  const shown =
    defaultCertificate === undefined ? {} : { defaultCertificate, unknownNameCertificate: defaultCertificate };
  return {
    kind: 'listener',
    id: listenerId(settings, protocol),
    instance: objectKeyText(id),
    port: settings[protocol].spec.port,
    protocol,
    hostnames: [],
    ...(configMap.proxyProtocol ? { proxyProtocol: { receive: true, trusted: settings.alb.trustedProxies } } : {}),
    ...(protocol === 'https' ? { tls: { ...shown, certificates: [], selfSigned: true } } : {}),
    name: settings[protocol].metadata.name,
  };
}
