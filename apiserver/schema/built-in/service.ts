import { child, element, type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts';
import { addressErrors, networkErrors, reachableAddressErrors } from '../ip-address.ts';
import { type JsonObject, numberAt, objectAt, objectsAt, textAt, textsAt } from '../json.ts';
import { labelsErrors } from '../labels.ts';
import { dns1035Label, dnsSubdomain, portNumber, qualifiedName } from '../names.ts';
import type { KindRules } from './rules.ts';
import { addressChangeErrors, clusterAddressErrors, isHeadless } from './service-addresses.ts';
import { portConflictErrors, portErrors } from './service-ports.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const POLICIES = ['Cluster', 'Local'];
const LONGEST_AFFINITY_SECONDS = 86_400;

/** Source: Kubernetes pkg/apis/core/validation, ValidateService, in its order; pkg/apis/core/v1, SetDefaults_Service. */
export const serviceRules: KindRules = {
  checkName: dns1035Label,
  applyDefaults(object) {
    const spec = objectAt(object, 'spec');
    if (spec === undefined) return;
    for (const port of objectsAt(spec, 'ports')) {
      if (port['targetPort'] === undefined || port['targetPort'] === 0 || port['targetPort'] === '') {
        port['targetPort'] = port['port'] ?? null;
      }
    }
    const type = textAt(spec, 'type');
    if (type !== 'ExternalName') spec['internalTrafficPolicy'] ??= 'Cluster';
    if (isExternal(spec)) spec['externalTrafficPolicy'] ??= 'Cluster';
    if (type === 'LoadBalancer') spec['allocateLoadBalancerNodePorts'] ??= true;
    if (textAt(spec, 'sessionAffinity') === 'ClientIP') {
      spec['sessionAffinityConfig'] ??= { clientIP: { timeoutSeconds: 10_800 } };
    }
    object['status'] ??= { loadBalancer: {} };
    for (const ingress of objectsAt(objectAt(objectAt(object, 'status'), 'loadBalancer'), 'ingress')) {
      if (textAt(ingress, 'ip') !== '') ingress['ipMode'] ??= 'VIP';
    }
  },
  validate(object, old) {
    const spec = objectAt(object, 'spec') ?? {};
    const before = objectAt(old, 'spec');
    return [
      ...(before === undefined ? [] : changeErrors(spec, before)),
      ...typeErrors(spec),
      ...portErrors(spec),
      ...labelsErrors(objectAt(spec, 'selector'), 'spec.selector'),
      ...affinityErrors(spec),
      ...clusterAddressErrors(spec),
      ...externalAddressErrors(spec),
      ...unknownTypeErrors(spec),
      ...portConflictErrors(spec),
      ...sourceRangeErrors(spec),
      ...balancerErrors(spec),
      ...policyErrors(spec),
      ...statusErrors(object),
    ];
  },
  warnings(object) {
    const spec = objectAt(object, 'spec') ?? {};
    if (textAt(spec, 'externalName') === '' || textAt(spec, 'type') === 'ExternalName') return [];
    return ['spec.externalName is ignored when spec.type is not "ExternalName"'];
  },
};

/** Whether it is reached from outside the cluster. Source: Kubernetes pkg/api/service, ExternallyAccessible. */
export function isExternal(spec: JsonObject | undefined): boolean {
  const type = textAt(spec, 'type');
  const named = type === 'ClusterIP' && textsAt(spec, 'externalIPs').length > 0;
  return type === 'LoadBalancer' || type === 'NodePort' || named;
}

/** Whether a load balancer asks each node if it has endpoints. Source: Kubernetes pkg/api/service, NeedsHealthCheck. */
export function needsHealthCheck(spec: JsonObject | undefined): boolean {
  return textAt(spec, 'type') === 'LoadBalancer' && textAt(spec, 'externalTrafficPolicy') === 'Local';
}

function changeErrors(spec: JsonObject, before: JsonObject): readonly FieldError[] {
  const errors = [...addressChangeErrors(spec, before)];
  const [type, typeBefore] = [textAt(spec, 'type'), textAt(before, 'type')];
  const balances = type === 'LoadBalancer' && typeBefore === 'LoadBalancer';
  if (balances && spec['loadBalancerClass'] !== before['loadBalancerClass']) {
    errors.push(invalid('spec.loadBalancerClass', spec['loadBalancerClass'], 'may not change once set'));
  }
  const isChecked = needsHealthCheck(spec) && needsHealthCheck(before);
  if (isChecked && spec['healthCheckNodePort'] !== before['healthCheckNodePort']) {
    errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
  }
  return errors;
}

function typeErrors(spec: JsonObject): readonly FieldError[] {
  const type = textAt(spec, 'type');
  const headless = isHeadless(spec);
  const errors: FieldError[] = [];
  if (objectsAt(spec, 'ports').length === 0 && !headless && type !== 'ExternalName')
    errors.push(required('spec.ports'));
  if ((type === 'LoadBalancer' || type === 'NodePort') && headless) {
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  }
  if (type !== 'ExternalName') return errors;
  const why = 'may not be set for ExternalName services';
  for (const key of ['clusterIPs', 'ipFamilies']) {
    if (textsAt(spec, key).length > 0) errors.push(forbidden(child('spec', key), why));
  }
  if (spec['ipFamilyPolicy'] !== undefined) errors.push(forbidden('spec.ipFamilyPolicy', why));
  const name = textAt(spec, 'externalName').replace(/\.$/, '');
  const problem = dnsSubdomain(name);
  if (name === '') errors.push(required('spec.externalName'));
  else if (problem !== undefined) errors.push(invalid('spec.externalName', name, problem));
  return errors;
}

function affinityErrors(spec: JsonObject): readonly FieldError[] {
  const affinity = textAt(spec, 'sessionAffinity');
  const path = 'spec.sessionAffinityConfig';
  const config = objectAt(spec, 'sessionAffinityConfig');
  if (affinity === 'None') {
    return config === undefined ? [] : [forbidden(path, 'must not be set when session affinity is None')];
  }
  if (affinity === '') return [required('spec.sessionAffinity')];
  if (affinity !== 'ClientIP') return [notSupported('spec.sessionAffinity', affinity, ['ClientIP', 'None'])];
  const why = 'when session affinity type is ClientIP';
  const client = objectAt(config, 'clientIP');
  const seconds = numberAt(client, 'timeoutSeconds');
  if (config === undefined) return [required(path, why)];
  if (client === undefined) return [required(child(path, 'clientIP'), why)];
  const field = child(path, 'clientIP.timeoutSeconds');
  if (seconds === undefined) return [required(field, why)];
  if (seconds > 0 && seconds <= LONGEST_AFFINITY_SECONDS) return [];
  return [invalid(field, seconds, `must be greater than 0 and less than ${LONGEST_AFFINITY_SECONDS}`)];
}

function externalAddressErrors(spec: JsonObject): readonly FieldError[] {
  return textsAt(spec, 'externalIPs').flatMap((address, index) => {
    const path = element('spec.externalIPs', index);
    const errors = addressErrors(address, path);
    return errors.length > 0 ? errors : reachableAddressErrors(address, path);
  });
}

function unknownTypeErrors(spec: JsonObject): readonly FieldError[] {
  const type = textAt(spec, 'type');
  if (type === '') return [required('spec.type')];
  return TYPES.includes(type) ? [] : [notSupported('spec.type', type, TYPES)];
}

const FOR_BALANCERS = "may only be used when `type` is 'LoadBalancer'";

function sourceRangeErrors(spec: JsonObject): readonly FieldError[] {
  const ranges = textsAt(spec, 'loadBalancerSourceRanges');
  if (ranges.length === 0) return [];
  // Spelled so by Kubernetes.
  const path = 'spec.LoadBalancerSourceRanges';
  return [
    ...(textAt(spec, 'type') === 'LoadBalancer' ? [] : [forbidden(path, FOR_BALANCERS)]),
    ...ranges.flatMap((range, index) => networkErrors(range.trim(), element(path, index))),
  ];
}

function balancerErrors(spec: JsonObject): readonly FieldError[] {
  const balanced = textAt(spec, 'type') === 'LoadBalancer';
  const errors: FieldError[] = [];
  const allocates = spec['allocateLoadBalancerNodePorts'] !== undefined;
  if (allocates && !balanced) errors.push(forbidden('spec.allocateLoadBalancerNodePorts', FOR_BALANCERS));
  const name = spec['loadBalancerClass'];
  if (typeof name !== 'string') return errors;
  const problem = balanced ? qualifiedName(name) : undefined;
  if (!balanced) errors.push(forbidden('spec.loadBalancerClass', FOR_BALANCERS));
  else if (problem !== undefined) errors.push(invalid('spec.loadBalancerClass', name, problem));
  return errors;
}

function policyErrors(spec: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const external = textAt(spec, 'externalTrafficPolicy');
  const field = 'spec.externalTrafficPolicy';
  if (!isExternal(spec)) {
    if (external !== '') errors.push(invalid(field, external, 'may only be set for externally-accessible services'));
  } else if (external === '') errors.push(required(field));
  else if (!POLICIES.includes(external)) errors.push(notSupported(field, external, POLICIES));
  errors.push(...healthCheckErrors(spec));
  const internal = textAt(spec, 'internalTrafficPolicy');
  if (internal !== '' && !POLICIES.includes(internal)) {
    errors.push(notSupported('spec.internalTrafficPolicy', internal, POLICIES));
  }
  const distribution = spec['trafficDistribution'];
  if (typeof distribution === 'string' && distribution !== 'PreferClose') {
    errors.push(notSupported('spec.trafficDistribution', distribution, ['PreferClose']));
  }
  return errors;
}

function healthCheckErrors(spec: JsonObject): readonly FieldError[] {
  const path = 'spec.healthCheckNodePort';
  const port = numberAt(spec, 'healthCheckNodePort') ?? 0;
  if (!needsHealthCheck(spec)) {
    const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    return port === 0 ? [] : [invalid(path, port, why)];
  }
  const problem = portNumber(port);
  return problem === undefined ? [] : [invalid(path, port, problem)];
}

/** Source: Kubernetes pkg/apis/core/validation, ValidateLoadBalancerStatus. */
function statusErrors(object: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const listed = objectsAt(objectAt(objectAt(object, 'status'), 'loadBalancer'), 'ingress');
  if (listed.length > 0 && objectAt(object, 'spec')?.['type'] !== 'LoadBalancer') {
    return [forbidden('status.loadBalancer.ingress', "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  for (const [index, ingress] of listed.entries()) {
    const path = element('status.loadBalancer.ingress', index);
    const address = textAt(ingress, 'ip');
    if (address !== '') errors.push(...addressErrors(address, child(path, 'ip')));
    const mode = textAt(ingress, 'ipMode');
    const modePath = child(path, 'ipMode');
    if (mode === '' && address !== '') errors.push(required(modePath, 'must be specified when `ip` is set'));
    else if (mode !== '' && address === '')
      errors.push(forbidden(modePath, 'may not be specified when `ip` is not set'));
    else if (mode !== '' && mode !== 'VIP' && mode !== 'Proxy') {
      errors.push(notSupported(modePath, mode, ['Proxy', 'VIP']));
    }
    const host = textAt(ingress, 'hostname');
    const problem = host === '' ? undefined : dnsSubdomain(host);
    if (problem !== undefined) errors.push(invalid(child(path, 'hostname'), host, problem));
    if (host !== '' && addressErrors(host, '').length === 0) {
      errors.push(invalid(child(path, 'hostname'), host, 'must be a DNS name, not an IP address'));
    }
  }
  return errors;
}
