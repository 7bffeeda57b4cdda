/** A header of the request names its endpoint, as `address:port`; of several with commas in between the first that is there. */
export interface EndpointOverrideIR {
  readonly type: 'endpointOverride';
  /** In lower case; the first that the request has counts. */
  readonly headers: readonly string[];
}
