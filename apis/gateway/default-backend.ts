import { integer, object, optional, string, type TypeOf } from '../meta/schema.ts';

/** Beyond ALB: spec ALB 5.7, default-backend. */
export const defaultBackend = object(
  'A Service that gets the requests while the Services of the Rule have no endpoint.',
  {
    namespace: string('Namespace of the Service.', { minLength: 1 }),
    name: string('Name of the Service.', { minLength: 1 }),
    port: optional(integer('Port number of the Service; default its first.', { minimum: 1, maximum: 65_535 })),
  },
);
export type DefaultBackendConfig = TypeOf<typeof defaultBackend>;
