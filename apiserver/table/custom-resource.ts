import type { CustomResourceColumnDefinition } from 'kubernetes-types/apiextensions/v1';
import type { TablePrinter } from './table.ts';

/** Name and the CRD's `additionalPrinterColumns`; Name and Age when there are none. */
export function customResourcePrinter(_columns: readonly CustomResourceColumnDefinition[] | undefined): TablePrinter {
  throw new Error('not written yet');
}
