import type { GatewayFragment } from '@causeway/ir/gateway';
import type { Problem } from '@causeway/translate/gateway/problem';

/**
 * Where translations go: in an agent the fragments go to nginx, in the leader
 * the problems become events.
 */
export interface TranslationSink {
  /**
   * Replaces what was translated for `owner`.
   *
   * @param owner the reader of the snapshot, e.g. `rule/kube-system/r1`
   */
  put(owner: string, fragments: readonly GatewayFragment[], problems: readonly Problem[]): void;
  /** The object is gone, or nobody needs it any more. */
  drop(owner: string): void;
}
