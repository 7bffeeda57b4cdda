import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import { conflicts, deployOf } from '@causeway/translate/gateway/alb-status';
import { ingressNginxMistakes } from '@causeway/translate/gateway/ingress-nginx/class';
import { nginxAddresses } from '@causeway/translate/gateway/ingress-status';
import type { AlbSummary } from '../alb/summary.ts';
import { ingressNginxIntent } from './intent.ts';

/**
 * An IngressNginx in the words of an ALB: its state is made by the same rule, its rules are the paths of its Ingresses.
 *
 * @param key of the data plane
 * @returns undefined when it is none of an IngressNginx
 */
export function summarizeIngressNginx(view: View, key: ObjectKey): AlbSummary | undefined {
  const intent = ingressNginxIntent(view, key);
  if (intent === undefined) return undefined;
  const { object, settings, listeners, routes } = intent;
  const instances = view.by('Instance', 'alb', objectKeyText(key));
  const deploy = deployOf(instances, settings.alb.replicas);
  const warnings = [
    ...instances.flatMap(({ status }) => (status?.warnings ?? []).map((text) => `${status?.node ?? ''}: ${text}`)),
    ...Object.entries(conflicts(instances)).map(([port, { msg }]) => `${port} ${msg}`),
    ...ingressNginxMistakes(view, object),
  ];
  const isWarning = deploy.state === 'Running' && warnings.length > 0;
  const { namespaceLabel, takesUnclassified, rules } = settings;
  return {
    ...{ kind: 'IngressNginx', namespace: key.namespace, name: object.metadata.name },
    state: isWarning ? 'Warning' : deploy.state,
    reason: isWarning ? warnings.join('; ') : deploy.state === 'Running' ? '' : deploy.reason,
    addresses: [...new Set(nginxAddresses(view, settings))].sort(),
    ...{ projectMode: 'instance', projects: [] },
    serves: {
      className: rules.className,
      unclassified: takesUnclassified,
      namespaces:
        namespaceLabel === undefined
          ? 'all'
          : namespaceLabel === 'invalid'
            ? 'none'
            : `${namespaceLabel.key}=${namespaceLabel.value}`,
    },
    ...{ frontends: listeners.length, rules: routes.length, instances: instances.length },
    readyInstances: instances.filter(({ status }) => status?.ready === true).length,
  };
}
