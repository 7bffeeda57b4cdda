import {
  array,
  boolean,
  checked,
  integer,
  object,
  oneOf,
  optional,
  string,
  type ValidationRule,
} from '../meta/schema.ts';
import { headerName } from './names.ts';

const MOST_ENTRIES = 64;
const ORIGIN = '(^\\*$)|(^(http(s)?):\\/\\/(((\\*\\.)?([a-zA-Z0-9\\-]+\\.)*[a-zA-Z0-9-]+|\\*)(:([0-9]{1,5}))?)$)';

function starAlone(list: string, others: string): ValidationRule {
  return { message: `${list} cannot contain '*' alongside other ${others}`, rule: "size(self) <= 1 || !('*' in self)" };
}

/** Answers about other origins: what browsers let pages of other sites do. */
export const corsFilter = object('What browsers let pages of other origins do.', {
  allowOrigins: optional(
    checked(
      array(
        'Origins, of which the first label may be *; a single * allows all.',
        string('scheme://host:port', { minLength: 1, maxLength: 253, pattern: ORIGIN }),
        { maxItems: MOST_ENTRIES, list: 'set' },
      ),
      starAlone('AllowOrigins', 'origins'),
    ),
  ),
  allowCredentials: optional(boolean('Whether they may send cookies and the like.')),
  allowMethods: optional(
    checked(
      array(
        'Methods; a single * allows all.',
        oneOf('Method.', ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', '*']),
        { maxItems: 9, list: 'set' },
      ),
      starAlone('AllowMethods', 'methods'),
    ),
  ),
  allowHeaders: optional(
    checked(
      array('Headers of requests; a single * allows all.', headerName('Name.'), {
        maxItems: MOST_ENTRIES,
        list: 'set',
      }),
      starAlone('AllowHeaders', 'methods'),
    ),
  ),
  exposeHeaders: optional(
    array('Headers of answers that their scripts may read.', headerName('Name.'), {
      maxItems: MOST_ENTRIES,
      list: 'set',
    }),
  ),
  maxAge: optional(
    integer('For how many seconds browsers may keep the answer.', { format: 'int32', minimum: 1, default: 5 }),
  ),
});
