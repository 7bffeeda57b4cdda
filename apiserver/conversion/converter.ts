import type { ApiObject } from '../object.ts';

/** Turns objects of one custom kind into those of another version. */
export interface Converter {
  /**
   * New objects, in the same order. Those that are of that version already are given back as they are.
   *
   * @throws StatusError 500
   */
  convert(objects: readonly ApiObject[], apiVersion: string): Promise<readonly ApiObject[]>;
}

/** Strategy None: versions differ in their apiVersion, and in what their schemas keep. */
export const RENAMING: Converter = {
  async convert(objects, apiVersion) {
    return objects.map((object) => (object.apiVersion === apiVersion ? object : { ...object, apiVersion }));
  },
};
