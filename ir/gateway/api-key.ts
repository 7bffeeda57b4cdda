/** Asks for a key that a Secret knows. Source: GW-34. */
export interface ApiKeyIR {
  readonly type: 'apiKey';
  /** `namespace/name` of Secrets of which each entry is a client and its key; read by whoever verifies. */
  readonly secrets: readonly string[];
  /** The first that the request has counts. Names of headers are lower case. */
  readonly places: readonly ApiKeyPlaceIR[];
  /** Tells the backend who it is; the client's own is taken off. */
  readonly clientHeader?: string;
  /** Keys are taken off, wherever they may stand, before the backend gets the request. */
  readonly hidesKey: boolean;
}

export interface ApiKeyPlaceIR {
  readonly in: 'header' | 'query' | 'cookie';
  readonly name: string;
}
