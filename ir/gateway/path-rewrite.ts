/** Sends another path to the backend; the query stays. Source: spec ALB-72. */
export interface PathRewriteIR {
  readonly type: 'pathRewrite';
  /** Regular expression whose first match is replaced; absent: the whole path is. */
  readonly pattern?: string;
  /** Every match is replaced. */
  readonly every?: true;
  /** Texts, and numbers of groups of the pattern. */
  readonly replacement: readonly (string | number)[];
  /** Each change is told in the log. */
  readonly log: boolean;
}
