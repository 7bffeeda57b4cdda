/** The data planes of one ALB on a cluster: how many, where, and what they may use. */
export interface WorkloadIR {
  /** Of the ALB, and so of its data planes. */
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly replicas: number;
  /** machine: the network of the node; own: addresses of their own. */
  readonly network: 'machine' | 'own';
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
