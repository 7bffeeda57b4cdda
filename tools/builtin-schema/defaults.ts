import type { Facts } from './facts.ts';

const TCP = fallback('TCP');

/**
 * Defaults a stored object always carries on a real server. Those that depend on other fields (a Service's targetPort, an image's
 * pull policy) are in apiserver/schema/built-in/.
 */
export const DEFAULTS: Facts = {
  'core.v1.ServiceSpec/type': fallback('ClusterIP'),
  'core.v1.ServiceSpec/sessionAffinity': fallback('None'),
  'core.v1.ServicePort/protocol': TCP,
  'core.v1.ContainerPort/protocol': TCP,
  'core.v1.EndpointPort/protocol': TCP,
  'core.v1.PodSpec/restartPolicy': fallback('Always'),
  'core.v1.PodSpec/dnsPolicy': fallback('ClusterFirst'),
  'core.v1.PodSpec/schedulerName': fallback('default-scheduler'),
  'core.v1.PodSpec/terminationGracePeriodSeconds': fallback(30),
  'core.v1.PodSpec/securityContext': fallback({}),
  'core.v1.PodSpec/enableServiceLinks': fallback(true),
  'core.v1.Container/terminationMessagePath': fallback('/dev/termination-log'),
  'core.v1.Container/terminationMessagePolicy': fallback('File'),
  'core.v1.Container/resources': fallback({}),
  'core.v1.Probe/timeoutSeconds': fallback(1),
  'core.v1.Probe/periodSeconds': fallback(10),
  'core.v1.Probe/successThreshold': fallback(1),
  'core.v1.Probe/failureThreshold': fallback(3),
  'core.v1.HTTPGetAction/path': fallback('/'),
  'core.v1.HTTPGetAction/scheme': fallback('HTTP'),
  'core.v1.SecretVolumeSource/defaultMode': fallback(420),
  'core.v1.ConfigMapVolumeSource/defaultMode': fallback(420),
  'core.v1.ProjectedVolumeSource/defaultMode': fallback(420),
  'core.v1.DownwardAPIVolumeSource/defaultMode': fallback(420),
  'core.v1.Secret/type': fallback('Opaque'),
  'core.v1.NamespaceStatus/phase': fallback('Active'),
  'apps.v1.DeploymentSpec/replicas': fallback(1),
  'apps.v1.DeploymentSpec/revisionHistoryLimit': fallback(10),
  'apps.v1.DeploymentSpec/progressDeadlineSeconds': fallback(600),
  'apps.v1.DeploymentSpec/strategy': fallback({}),
  'apps.v1.DeploymentStrategy/type': fallback('RollingUpdate'),
  'discovery.v1.EndpointPort/protocol': TCP,
  'networking.v1.IngressClassParametersReference/scope': fallback('Cluster'),
  'apiextensions.v1.CustomResourceDefinitionSpec/conversion': fallback({ strategy: 'None' }),
};

function fallback(value: unknown): Record<string, unknown> {
  return { default: value };
}
