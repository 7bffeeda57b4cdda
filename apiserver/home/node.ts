import { arch, cpus, hostname, networkInterfaces, platform, release, totalmem } from 'node:os';
import { type ApiObject, timestamp } from '../object.ts';
import type { JsonObject } from '../schema/json.ts';

/** The Node object that stands for this machine. */
export function machineNode(now: Date): ApiObject {
  const name = nodeName();
  const architecture = arch() === 'x64' ? 'amd64' : arch();
  const resources = { cpu: String(cpus().length), memory: `${Math.floor(totalmem() / 1024)}Ki`, pods: '0' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/arch': architecture,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': platform(),
      },
    },
    spec: {},
    status: {
      capacity: resources,
      allocatable: resources,
      addresses: [
        { type: 'InternalIP', address: internalAddress() },
        { type: 'Hostname', address: name },
      ],
      conditions: [readyCondition(now)],
      daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
      nodeInfo: {
        architecture,
        bootID: '',
        containerRuntimeVersion: 'none://',
        kernelVersion: release(),
        kubeProxyVersion: '',
        kubeletVersion: 'causeway',
        machineID: '',
        operatingSystem: platform(),
        osImage: '',
        systemUUID: '',
      },
    },
  };
}

/** The host name in the form that an object name must have. */
function nodeName(): string {
  const name = hostname()
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, '-')
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  return name === '' ? 'localhost' : name;
}

function readyCondition(now: Date): JsonObject {
  const time = timestamp(now);
  return {
    type: 'Ready',
    status: 'True',
    reason: 'CausewayReady',
    message: 'data planes run here; containers do not',
    lastHeartbeatTime: time,
    lastTransitionTime: time,
  };
}

/** The address other machines may reach this one at, IPv4 where there is one; loopback when there is none. */
export function internalAddress(): string {
  const found = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return (found.find(({ family }) => family === 'IPv4') ?? found[0])?.address ?? '127.0.0.1';
}
