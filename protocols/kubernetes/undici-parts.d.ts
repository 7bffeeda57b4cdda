/**
 * Two files of undici, imported alone: its index also loads fetch, WebSocket,
 * caches and mocks, which costs every program 70 ms and 8 MB at start.
 */
declare module 'undici/lib/dispatcher/pool.js' {
  import type { Pool } from 'undici';

  const PoolOnly: new (origin: string, options?: Pool.Options) => Pool;
  export = PoolOnly;
}

declare module 'undici/lib/api/api-request.js' {
  import type { Dispatcher } from 'undici';

  function request(this: Dispatcher, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData>;
  export = request;
}
