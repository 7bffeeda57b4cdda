/** API group of the ALB kinds. */
export const ALB_GROUP = 'crd.alauda.io';
/** API group of the kinds of our own. */
export const CAUSEWAY_GROUP = 'causeway.dev';
