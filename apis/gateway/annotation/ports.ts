import { integer, list } from './annotation-type.ts';

/** LIM-04. */
export const PORT_ANNOTATIONS = {
  ports: list(integer(1, 65_535)),
} as const;
