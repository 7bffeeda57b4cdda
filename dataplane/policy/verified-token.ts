/** What is known of a token that was found to be good; of its claims only those that somebody asks about. */
export interface VerifiedToken {
  /** Name of its issuer in the policy. */
  readonly provider: string;
  /** Seconds since 1970 until which it is good. */
  readonly until: number;
  /** Claims as headers have them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Claims that are texts or lists of them. */
  readonly claims: Readonly<Record<string, string | readonly string[]>>;
  readonly scopes: readonly string[];
}
