/** A server to which sequences are sent. */
export interface Subject {
  /** `https://127.0.0.1:6443` */
  readonly origin: string;
  /** PEM */
  readonly ca: string;
  /** Bearer token of a member of system:masters. */
  readonly token: string;
}

/** A subject that the suite started. */
export interface RunningSubject extends Subject {
  readonly kubeconfig: string;
  stop(): Promise<void>;
}
