import type { KubernetesObject } from '@causeway/apis/meta/object';

/** The part of a Deployment and of a Pod that the agent understands. */
export interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec: PodSpec;
    };
  };
}

export interface Pod extends KubernetesObject {
  readonly spec: PodSpec & { readonly nodeName?: string };
  readonly status?: { readonly podIP?: string };
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly Variable[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
}

export interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string; readonly items?: readonly Item[] };
  readonly configMap?: { readonly name: string; readonly items?: readonly Item[] };
}

interface Item {
  readonly key: string;
  readonly path: string;
}

/** Name of one of a Deployment's Pods. The suite takes two parts off to know the Deployment. */
export function podName(deployment: Deployment, index: number): string {
  return `${deployment.metadata.name}-conformance-${index}`;
}

/** A Pod of a Deployment, on the node of the agent; the garbage collection removes it with its Deployment. */
export function podOf(deployment: Deployment, index: number, nodeName: string): KubernetesObject {
  const { metadata, spec } = deployment;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(deployment, index),
      namespace: metadata.namespace ?? '',
      labels: spec.template.metadata?.labels ?? {},
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'Deployment', name: metadata.name, uid: metadata.uid ?? '', controller: true },
      ],
    },
    spec: { ...spec.template.spec, nodeName },
  };
  return pod;
}

/** What the container finds in its environment; paths below a mounted volume become those of its folder. */
export function environmentOf(
  pod: Pod,
  container: Container,
  folders: ReadonlyMap<string, string>,
): Record<string, string> {
  const mounts = container.volumeMounts ?? [];
  const found: Record<string, string> = {};
  for (const { name, value, valueFrom } of container.env ?? []) {
    found[name] = value === undefined ? fieldOf(pod, valueFrom?.fieldRef?.fieldPath) : below(value, mounts, folders);
  }
  return found;
}

/** What the container is started with; paths of `--flag=PATH` become those of folders, too. */
export function argumentsOf(
  { args = [], volumeMounts = [] }: Container,
  folders: ReadonlyMap<string, string>,
): readonly string[] {
  return args.map((argument) => {
    const value = argument.indexOf('=') + 1;
    return value === 0 ? argument : argument.slice(0, value) + below(argument.slice(value), volumeMounts, folders);
  });
}

function fieldOf({ metadata }: Pod, path: string | undefined): string {
  if (path === 'metadata.name') return metadata.name;
  return path === 'metadata.namespace' ? (metadata.namespace ?? '') : '';
}

function below(
  value: string,
  mounts: NonNullable<Container['volumeMounts']>,
  folders: ReadonlyMap<string, string>,
): string {
  const mount = mounts.find(({ mountPath }) => value === mountPath || value.startsWith(`${mountPath}/`));
  const folder = mount && folders.get(mount.name);
  return mount === undefined || folder === undefined ? value : folder + value.slice(mount.mountPath.length);
}
