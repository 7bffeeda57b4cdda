import type { TransferConfig } from '@causeway/apis/gateway/transfer';
import type { FilterIR, TransferIR } from '@causeway/ir/gateway';

/** Undefined when all is as the data plane does it anyway. */
export function translateTransfer(config: TransferConfig | undefined): TransferIR | undefined {
  const { maxRequestBodyBytes: _limit, httpVersion, ...fields } = config ?? {};
  const transfer: TransferIR = {
    ...fields,
    ...(httpVersion === '1.0' ? { httpVersion } : {}),
  };
  return Object.keys(transfer).length === 0 ? undefined : transfer;
}

/** LIM-09; 413. */
export function bodyLimit(config: TransferConfig | undefined): readonly FilterIR[] {
  const bytes = config?.maxRequestBodyBytes;
  return bytes === undefined ? [] : [{ type: 'bodyLimit', bytes }];
}
