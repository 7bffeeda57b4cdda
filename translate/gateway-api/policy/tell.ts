/**
 * Says what is wrong with a field of a policy, named without `spec.`.
 *
 * @param kind mistake: the value can never be right, or what it names is not there; absent: it is not served
 */
export type Tell = (field: string, message: string, kind?: 'mistake') => void;
