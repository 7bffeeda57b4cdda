/** Says what is wrong with a field of a policy, named without `spec.`. */
export type Tell = (field: string, message: string) => void;
