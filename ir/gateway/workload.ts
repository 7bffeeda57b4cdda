/** The data planes of one ALB, IngressNginx or Gateway on a cluster: how many, where, and what they may use. */
export interface WorkloadIR {
  /** Of its objects. */
  readonly namespace: string;
  readonly name: string;
  /** Where its objects are and how they are called; absent: as it is called itself. */
  readonly place?: { readonly namespace: string; readonly name: string };
  /** Names of single objects that its user chose. */
  readonly objectNames?: Partial<Readonly<Record<ChangedObject, string>>>;
  /** Which data plane its pods run; absent: the one of that namespace and name. */
  readonly dataPlane?: { readonly namespace: string; readonly name: string };
  /** Before the names of objects without namespace; absent: nothing. */
  readonly clusterPrefix?: string;
  /** Of every object and pod, beside those that are ours; absent: none. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly image: string;
  readonly replicas: number;
  /** One pod on each node that takes it, whatever `replicas` says. */
  readonly eachNode?: true;
  /** As many as the load needs, whatever `replicas` says. */
  readonly scaling?: ScalingIR;
  /** How many pods are left when nodes are emptied; absent: nobody looks. */
  readonly disruption?: { readonly minAvailable?: number | string; readonly maxUnavailable?: number | string };
  /** What its user changes in objects, in the order in which that happens. */
  readonly changes?: readonly WorkloadChangeIR[];
  /** machine: the network of the node; own: addresses of their own. */
  readonly network: 'machine' | 'own';
  /** replace: an old pod ends before a new one begins; surge: afterwards. Absent: replace. */
  readonly rollout?: 'replace' | 'surge';
  /** Data planes with the same key keep away from each other's nodes. */
  readonly antiAffinityKey: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Absent: every taint. */
  readonly tolerations?: readonly TolerationIR[];
  readonly podAnnotations: Readonly<Record<string, string>>;
  readonly limits: ComputeIR;
  readonly requests: ComputeIR;
  readonly readOnlyRoot: boolean;
  readonly termSeconds: number;
  readonly metricsPort: number;
  /** 0: none. */
  readonly ingressHttpPort: number;
  readonly ingressHttpsPort: number;
  /** JSON text of the projects of ports; absent: not in port project mode. */
  readonly portProjects?: string;
  /** Absent: one for the metrics and Ingress ports, within the cluster. */
  readonly service?: ServiceIR;
}

/** Objects of a workload that its user may name and change. */
export type ChangedObject = 'account' | 'disruption' | 'pods' | 'scaling' | 'service';

/** A patch of what `pods` (a Deployment or DaemonSet) or another object would be otherwise. The container is called `nginx` or `envoy` in it. */
export interface WorkloadChangeIR {
  readonly object: ChangedObject;
  readonly type: 'StrategicMerge' | 'JSONMerge';
  readonly value: unknown;
}

export interface ScalingIR {
  /** Absent: 1. */
  readonly min?: number;
  readonly max: number;
}

/** How data planes of an IngressNginx or a Gateway are reached. */
export interface ServiceIR {
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** That a load balancer is asked for; absent: any. Several are asked for by an annotation. */
  readonly loadBalancerIP?: string;
  /** Only nodes with a ready pod take traffic, and pods see the address of the client. */
  readonly keepsClient?: boolean;
  /** Networks (CIDR) of clients that a load balancer lets in; absent: all. */
  readonly sourceRanges?: readonly string[];
  /** Who makes its load balancer; absent: whoever does it otherwise. */
  readonly loadBalancerClass?: string;
  /** Absent: true. */
  readonly hasNodePorts?: boolean;
  readonly ipFamilies?: readonly ('IPv4' | 'IPv6')[];
  readonly ipFamilyPolicy?: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';
  readonly ports: readonly {
    readonly name: string;
    readonly port: number;
    readonly targetPort: number;
    /** Absent: TCP. */
    readonly protocol?: 'TCP' | 'UDP';
  }[];
}

/** Kubernetes quantities. */
export interface ComputeIR {
  readonly cpu: string;
  readonly memory: string;
}

export interface TolerationIR {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}
