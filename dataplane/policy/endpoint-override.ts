/** A header of the request names its endpoint. */
export interface EndpointOverrideStep {
  readonly type: 'endpointOverride';
  /** In lower case; the first that the request has counts. */
  readonly headers: readonly string[];
}
