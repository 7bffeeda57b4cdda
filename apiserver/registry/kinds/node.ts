import { type JsonObject, objectAt } from '../../schema/json.ts';
import type { Strategy } from '../strategy.ts';

/** Source: Go type NodeSystemInfo of Kubernetes 1.33, the fields without `omitempty`. */
const INFO = [
  'machineID',
  'systemUUID',
  'bootID',
  'kernelVersion',
  'osImage',
  'containerRuntimeVersion',
  'kubeletVersion',
  'kubeProxyVersion',
  'operatingSystem',
  'architecture',
] as const;

/** The status is the client's, with what a Node always says of its kubelet. */
export const nodeStrategy: Strategy = {
  hasGeneration: false,
  allowsUnconditionalUpdate: true,
  keepsStatusOnCreate: true,

  prepare(object, old) {
    if (old !== undefined) return;
    const status: JsonObject = { ...objectAt(object, 'status') };
    const endpoint = objectAt(objectAt(status, 'daemonEndpoints'), 'kubeletEndpoint');
    status['daemonEndpoints'] = { kubeletEndpoint: { Port: 0, ...endpoint } };
    status['nodeInfo'] = { ...Object.fromEntries(INFO.map((field) => [field, ''])), ...objectAt(status, 'nodeInfo') };
    object.status = status;
  },
};
