import { array, boolean, integer, object, optional, string, type TypeOf } from '../meta/schema.ts';

/** What ALB's fields (enableCORS, corsAllowOrigin, corsAllowHeaders) do not say. Source: spec section 5.7, LIM-15. */
export const cors = object('Further settings of CORS; effective with enableCORS.', {
  allowMethods: optional(
    array('Access-Control-Allow-Methods; default GET, PUT, POST, DELETE, PATCH, OPTIONS.', string('Method.')),
  ),
  exposeHeaders: optional(array('Access-Control-Expose-Headers; default none.', string('Header name.'))),
  allowCredentials: optional(boolean('Access-Control-Allow-Credentials; default true.')),
  maxAge: optional(
    integer('Access-Control-Max-Age of preflights, in seconds; default 1728000.', {
      minimum: 0,
      maximum: 2_147_483_647,
      format: 'int32',
    }),
  ),
});
export type CorsConfig = TypeOf<typeof cors>;
