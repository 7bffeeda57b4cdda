import { defineKind, type ObjectOfKind } from '../meta/crd.ts';
import { array, boolean, integer, intOrString, map, object, optional, string } from '../meta/schema.ts';
import { condition } from './condition.ts';
import { ipFamilyPolicy, resources } from './policy-config.ts';

/**
 * A data plane with the behaviour of ingress-nginx; its spec is a part of the values of that project's chart. What is not known is
 * kept, has no effect, and is named in a condition.
 *
 * Source: spec/ingress-nginx.md section 1.
 */
export type IngressNginx = ObjectOfKind<typeof IngressNginxKind>;

const kept = { preserveUnknown: true } as const;

const spec = object(
  'Values of the chart of ingress-nginx.',
  {
    controller: optional(
      object(
        'The controller.',
        {
          replicaCount: optional(integer('Data planes; 0: none. Default 1.', { minimum: 0 })),
          resources: optional(resources),
          service: optional(
            object(
              'How it is reached on a cluster.',
              {
                type: optional(string('ClusterIP, NodePort or LoadBalancer; default ClusterIP.')),
                annotations: optional(map('Of the Service.', string('Value.'))),
                externalTrafficPolicy: optional(string('Cluster or Local.')),
                ipFamilyPolicy: optional(ipFamilyPolicy),
              },
              kept,
            ),
          ),
          scope: optional(
            object('Whose Ingresses are served.', {
              namespaceSelector: optional(string('Label of the namespaces, `key=value`; unset: all.')),
            }),
          ),
          ingressClassResource: optional(
            object(
              'The IngressClass.',
              {
                name: optional(string('Default `<namespace>-<name>`.')),
                controllerValue: optional(string('Default `ingress-nginx.cpaas.io/<namespace>-<name>`.')),
              },
              kept,
            ),
          ),
          watchIngressWithoutClass: optional(boolean('Serve Ingresses that name no class; default true.')),
          hostNetwork: optional(boolean('Listen on the addresses of the machine; default an address of its own.')),
          nodeSelector: optional(map('Labels of nodes.', string('Value.'))),
          podAnnotations: optional(map('Of its Pods.', string('Value.'))),
          config: optional(map('Options of the ConfigMap, by name.', intOrString('Value, as text.'))),
          extraArgs: optional(map('Flags of the process, by name without dashes.', intOrString('Value, as text.'))),
        },
        kept,
      ),
    ),
  },
  kept,
);

/** The settings that are known, below spec.controller. */
export const INGRESS_NGINX_SETTINGS: ReadonlySet<string> = new Set(
  Object.keys(spec.json.properties?.['controller']?.properties ?? {}),
);

/** Values of the chart that have no effect, below spec. Source: chart of ingress-nginx 4.15. */
export const CHART_VALUES: ReadonlySet<string> = new Set([
  ...['commonLabels', 'defaultBackend', 'dhParam', 'fullnameOverride', 'global', 'imagePullSecrets', 'nameOverride'],
  ...['namespaceOverride', 'portNamePrefix', 'rbac', 'revisionHistoryLimit', 'serviceAccount', 'tcp', 'udp'],
]);

/** The same below spec.controller. */
export const CHART_SETTINGS: ReadonlySet<string> = new Set([
  ...['addHeaders', 'admissionWebhooks', 'affinity', 'allowSnippetAnnotations', 'annotations', 'autoscaling'],
  ...['autoscalingTemplate', 'configAnnotations', 'configMapNamespace', 'containerName', 'containerPort'],
  ...['containerSecurityContext', 'customTemplate', 'dnsConfig', 'dnsPolicy', 'electionID', 'electionTTL'],
  ...['enableAnnotationValidations', 'enableMimalloc', 'enableTopologyAwareRouting', 'existingPsp', 'extraContainers'],
  ...['extraEnvs', 'extraInitContainers', 'extraModules', 'extraVolumeMounts', 'extraVolumes', 'healthCheckHost'],
  ...['healthCheckPath', 'hostAliases', 'hostPort', 'hostname', 'image', 'ingressClass', 'ingressClassByName'],
  ...['keda', 'kind', 'labels', 'lifecycle', 'livenessProbe', 'maxmindLicenseKey', 'metrics', 'minAvailable'],
  ...['minReadySeconds', 'maxUnavailable', 'name', 'networkPolicy', 'opentelemetry', 'podLabels', 'podSecurityContext'],
  ...['priorityClassName', 'progressDeadlineSeconds', 'proxySetHeaders', 'publishService', 'readinessProbe'],
  ...['reportNodeInternalIp', 'runtimeClassName', 'scope', 'shareProcessNamespace', 'startupProbe', 'sysctls', 'tcp'],
  ...['terminationGracePeriodSeconds', 'tolerations', 'topologySpreadConstraints', 'udp', 'unhealthyPodEvictionPolicy'],
  ...['updateStrategy', 'hostMacAddress'],
]);

/** Holds an IngressNginx until nothing that was made for it is left. */
export const FINALIZER_INGRESS_NGINX = 'ingress-nginx.alauda.io/finalizer';

export const IngressNginxKind = defineKind({
  names: {
    group: 'ingress-nginx.alauda.io',
    version: 'v1',
    kind: 'IngressNginx',
    plural: 'ingressnginxes',
    singular: 'ingressnginx',
    shortNames: [],
    categories: [],
    namespaced: true,
    statusSubresource: true,
  },
  versions: [
    {
      name: 'v1',
      description: 'An ingress controller with the behaviour of ingress-nginx.',
      columns: [
        { name: 'accepted', type: 'string', jsonPath: '.status.conditions[?(@.type=="Accepted")].status' },
        { name: 'class', type: 'string', jsonPath: '.status.ingressClass' },
        { name: 'age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
      spec,
      status: object('What the controllers found.', {
        addresses: optional(
          array(
            'By which its Ingresses are reached, and were before, as long as the status of one still shows them.',
            string('Address or name.'),
          ),
        ),
        ingressClass: optional(string('Name of the IngressClass that it serves.')),
        conditions: optional(array('Accepted: whether every setting can be had.', condition)),
      }),
    },
  ],
});
