/** Put together of fixed texts and of what is known of a request. */
export type OperatorTextIR = readonly (string | OperatorIR)[];

export interface OperatorIR {
  /** The first that there is counts. */
  readonly values: readonly RequestValueIR[];
  /** Bytes at most; absent: all. */
  readonly length?: number;
  /** How a point in time is written; absent: as `2006-01-02T15:04:05.000Z`. */
  readonly time?: readonly TimePartIR[];
  /** Text where there is no value; absent: whoever asks decides, in a {@link TemplateIR} none. */
  readonly absent?: string;
}

/** A fixed text, or a part of a point in time, in UTC. */
export type TimePartIR = string | { readonly unit: TimeUnitIR; readonly digits?: number };

/** Those that are numbers have leading zeros up to `digits`, `dayBlank` a blank; of `fraction` of a second these are the digits. `epoch` is in seconds. */
export type TimeUnitIR =
  | 'year'
  | 'yearOfCentury'
  | 'month'
  | 'monthName'
  | 'monthShort'
  | 'day'
  | 'dayBlank'
  | 'dayOfYear'
  | 'weekday'
  | 'weekdayName'
  | 'weekdayShort'
  | 'hour'
  | 'hour12'
  | 'half'
  | 'minute'
  | 'second'
  | 'epoch'
  | 'fraction';

/**
 * `request:<header>` and `response:<header>` have names in lower case; `peer`, `client` and `local` are `address:port` of who is connected, who
 * asked, and where; `certificate...` are of the certificate of the client, where it was verified.
 */
export type RequestValueIR =
  | `request:${string}`
  | `response:${string}`
  | 'attempts'
  | 'bytesReceived'
  | 'bytesSent'
  | 'certificate'
  | 'certificateAddresses'
  | 'certificateEmails'
  | 'certificateEnd'
  | 'certificateHash'
  | 'certificateIssuer'
  | 'certificateNames'
  | 'certificateSerial'
  | 'certificateSha1'
  | 'certificateStart'
  | 'certificateSubject'
  | 'certificateUris'
  | 'client'
  | 'clientAddress'
  | 'clientPort'
  | 'connection'
  | 'details'
  | 'durationMs'
  | 'flags'
  | 'host'
  | 'hostname'
  | 'local'
  | 'localAddress'
  | 'localPort'
  | 'method'
  | 'path'
  | 'peer'
  | 'peerAddress'
  | 'peerPort'
  | 'protocol'
  | 'requestId'
  | 'routeName'
  | 'scheme'
  | 'serverName'
  | 'status'
  | 'target'
  | 'time'
  | 'tlsCipher'
  | 'tlsVersion'
  | 'traceId'
  | 'uniqueId'
  | 'upstream';
