import type { ObjectKey } from '@causeway/apis/meta/object';
import type { ComputeIR, ServiceIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { compute, type WorkloadTranslation } from '../workload.ts';
import { ingressNginxSettings } from './settings.ts';

/** The key of the Deployment and the Service of an IngressNginx: the name that the chart gives them. */
export function nginxWorkloadOf({ namespace, name }: ObjectKey): ObjectKey {
  return { namespace, name: `${name}-ingress-nginx-controller` };
}

const LIMITS: ComputeIR = { cpu: '2', memory: '2Gi' };
/** Source: chart of ingress-nginx. */
const REQUESTS: ComputeIR = { cpu: '100m', memory: '90Mi' };

/**
 * IngressNginx -> its data planes on a cluster, and how they are reached. With a setting that nobody knows what there is stays as it is
 * (IN-01), as with a quantity that cannot be read.
 *
 * Source: IN-01, IN-03, IN-20, IN-22.
 *
 * @param image of our programs
 */
export function translateNginxWorkload(view: View, key: ObjectKey, image: string): WorkloadTranslation {
  const object = view.get('IngressNginx', key);
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) return { keep: false, problems: [] };
  const settings = ingressNginxSettings(object);
  if (settings.hasUnknown) return { keep: true, problems: [] };
  const { controller = {} } = object.spec;
  const problems: WorkloadTranslation['problems'][number][] = [];
  const invalid = (field: string, message: string): void => {
    const text = `${field.replace('spec.config', 'spec.controller')}: ${message}`;
    problems.push({
      object: { kind: 'IngressNginx', key },
      reason: 'InvalidField',
      message: text,
      severity: 'Warning',
    });
  };
  const { config, termSeconds } = { config: settings.alb.config, termSeconds: settings.alb.maxTermSeconds };
  const limits = compute('limits', config, LIMITS, invalid);
  const requests = compute('requests', config, REQUESTS, invalid);
  if (limits === undefined || requests === undefined) return { keep: true, problems };
  const { type, annotations, externalTrafficPolicy, ipFamilyPolicy } = controller.service ?? {};
  const service: ServiceIR = {
    type: type === 'LoadBalancer' || type === 'NodePort' ? type : 'ClusterIP',
    annotations: annotations ?? {},
    // Kubernetes refuses it for a Service that has no address outside.
    ...(externalTrafficPolicy === 'Local' && type !== undefined && type !== 'ClusterIP' ? { keepsClient: true } : {}),
    ...(ipFamilyPolicy === undefined ? {} : { ipFamilyPolicy }),
    ports: [
      { name: 'http', port: 80, targetPort: settings.http.spec.port },
      { name: 'https', port: 443, targetPort: settings.https.spec.port },
    ],
  };
  return {
    keep: false,
    problems,
    workload: {
      ...nginxWorkloadOf(key),
      dataPlane: settings.id,
      clusterPrefix: `${key.namespace}-`,
      image,
      replicas: settings.alb.replicas,
      network: settings.alb.networkMode === 'container' ? 'own' : 'machine',
      rollout: settings.alb.networkMode === 'container' ? 'surge' : 'replace',
      antiAffinityKey: 'local',
      nodeSelector: controller.nodeSelector ?? {},
      tolerations: [],
      podAnnotations: controller.podAnnotations ?? {},
      limits,
      requests,
      readOnlyRoot: true,
      termSeconds,
      metricsPort: settings.alb.metricsPort,
      ingressHttpPort: settings.http.spec.port,
      ingressHttpsPort: settings.https.spec.port,
      service,
    },
  };
}
