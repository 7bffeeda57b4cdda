import { isIP } from 'node:net';
import { child, duplicate, element, type FieldError, forbidden, invalid, required } from '../field-error.ts';
import { type JsonObject, listAt, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { dns1035Label, dnsLabel, dnsSubdomain, labelValue, portName, portNumber, qualifiedName } from '../names.ts';
import type { KindRules } from './rules.ts';

/** Source: Kubernetes pkg/apis/core/validation, ValidateService; pkg/apis/core/v1, SetDefaults_Service. */
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
    if (type === 'NodePort' || type === 'LoadBalancer') spec['externalTrafficPolicy'] ??= 'Cluster';
    if (type === 'LoadBalancer') spec['allocateLoadBalancerNodePorts'] ??= true;
    if (textAt(spec, 'sessionAffinity') === 'ClientIP') {
      spec['sessionAffinityConfig'] ??= { clientIP: { timeoutSeconds: 10_800 } };
    }
    object['status'] ??= { loadBalancer: {} };
  },
  validate(object) {
    const spec = objectAt(object, 'spec') ?? {};
    const type = textAt(spec, 'type');
    const errors = portErrors(spec, type);
    if (type === 'ExternalName') {
      const name = textAt(spec, 'externalName').replace(/\.$/, '');
      const problem = dnsSubdomain(name);
      if (name === '') errors.push(required('spec.externalName'));
      else if (problem !== undefined) errors.push(invalid('spec.externalName', name, problem));
    }
    for (const [key, value] of Object.entries(objectAt(spec, 'selector') ?? {})) {
      const problem = qualifiedName(key) ?? (typeof value === 'string' ? labelValue(value) : undefined);
      if (problem !== undefined) errors.push(invalid('spec.selector', key, problem));
    }
    return [...errors, ...addressErrors(spec)];
  },
  warnings(object) {
    const spec = objectAt(object, 'spec') ?? {};
    if (textAt(spec, 'externalName') === '' || textAt(spec, 'type') === 'ExternalName') return [];
    return ['spec.externalName is ignored when spec.type is not "ExternalName"'];
  },
};

function portErrors(spec: JsonObject, type: string): FieldError[] {
  const ports = objectsAt(spec, 'ports');
  const errors: FieldError[] = [];
  const headless = textAt(spec, 'clusterIP') === 'None';
  if (ports.length === 0 && !headless && type !== 'ExternalName') errors.push(required('spec.ports'));
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const path = element('spec.ports', index);
    const name = textAt(port, 'name');
    if (name === '') {
      if (ports.length > 1) errors.push(required(child(path, 'name')));
    } else {
      const problem = dnsLabel(name);
      if (problem !== undefined) errors.push(invalid(child(path, 'name'), name, problem));
      else if (names.has(name)) errors.push(duplicate(child(path, 'name'), name));
      names.add(name);
    }
    const number = numberAt(port, 'port') ?? 0;
    const problem = portNumber(number);
    if (problem !== undefined) errors.push(invalid(child(path, 'port'), number, problem));
    errors.push(
      ...targetPortErrors(port['targetPort'], child(path, 'targetPort')),
      ...nodePortErrors(port, type, path),
    );
  }
  return errors;
}

function targetPortErrors(target: unknown, path: string): readonly FieldError[] {
  if (typeof target === 'number') {
    const problem = portNumber(target);
    return problem === undefined ? [] : [invalid(path, target, problem)];
  }
  if (typeof target === 'string') {
    const problem = portName(target);
    return problem === undefined ? [] : [invalid(path, target, problem)];
  }
  return [];
}

function nodePortErrors(port: JsonObject, type: string, path: string): readonly FieldError[] {
  const nodePort = numberAt(port, 'nodePort') ?? 0;
  if (nodePort === 0) return [];
  if (type === 'ClusterIP' || type === 'ExternalName') {
    return [forbidden(child(path, 'nodePort'), `may not be used when \`type\` is '${type}'`)];
  }
  const problem = portNumber(nodePort);
  return problem === undefined ? [] : [invalid(child(path, 'nodePort'), nodePort, problem)];
}

function addressErrors(spec: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const clusterIP = textAt(spec, 'clusterIP');
  if (clusterIP !== '' && clusterIP !== 'None' && isIP(clusterIP) === 0) {
    errors.push(
      invalid('spec.clusterIPs[0]', clusterIP, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'),
    );
  }
  for (const [index, address] of listAt(spec, 'externalIPs').entries()) {
    if (typeof address === 'string' && isIP(address) === 0) {
      errors.push(
        invalid(
          element('spec.externalIPs', index),
          address,
          'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        ),
      );
    }
  }
  return errors;
}
