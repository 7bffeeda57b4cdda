/** Operators and what they say, for Node and LuaJIT. */
import type { Operator } from './operator.ts';

export interface OperatorCase {
  readonly name: string;
  readonly operator: Operator;
  readonly told: Readonly<Record<string, string | number>>;
  readonly want: string;
}

/** 29 February 2024, a Thursday, 13:05:09.042. */
const LEAP_DAY = 1_709_211_909_042;

export const OPERATOR_CASES: readonly OperatorCase[] = [
  { name: 'a value', operator: { values: ['method'] }, told: { method: 'GET' }, want: 'GET' },
  { name: 'a number', operator: { values: ['status'] }, told: { status: 200 }, want: '200' },
  { name: 'none', operator: { values: ['request:x'] }, told: {}, want: '' },
  { name: 'none, in a body', operator: { values: ['request:x'], absent: '-' }, told: {}, want: '-' },
  {
    name: 'an empty one is none',
    operator: { values: ['request:x'], absent: '-' },
    told: { 'request:x': '' },
    want: '-',
  },
  { name: 'the second', operator: { values: ['request:x', 'request:y'] }, told: { 'request:y': 'b' }, want: 'b' },
  { name: 'the first bytes', operator: { values: ['target'], length: 3 }, told: { target: '/abcd' }, want: '/ab' },
  { name: 'no bytes', operator: { values: ['target'], length: 0 }, told: { target: '/abcd' }, want: '' },
  {
    name: 'no further line',
    operator: { values: ['path'] },
    told: { path: '/a\r\nX-B: c\u007f' },
    want: '/a  X-B: c ',
  },
  {
    name: 'who asked, behind a proxy',
    operator: { values: ['client'] },
    told: { clientAddress: '10.0.0.1', peerAddress: '10.0.0.2', peerPort: 5 },
    want: '10.0.0.1:0',
  },
  {
    name: 'who asked, by IPv6',
    operator: { values: ['client'] },
    told: { clientAddress: 'fd00::1', peerAddress: 'fd00::1', peerPort: 5 },
    want: '[fd00::1]:5',
  },
  {
    name: 'where',
    operator: { values: ['local'] },
    told: { localAddress: '10.0.0.3', localPort: 80 },
    want: '10.0.0.3:80',
  },
  { name: 'HTTP/2', operator: { values: ['protocol'] }, told: { protocol: 'HTTP/2.0' }, want: 'HTTP/2' },
  { name: 'by a backend', operator: { values: ['details'] }, told: { upstream: '10.0.0.4:80' }, want: 'via_upstream' },
  { name: 'by ourselves', operator: { values: ['details'] }, told: { reason: '' }, want: 'direct_response' },
  {
    name: 'no route',
    operator: { values: ['flags'] },
    told: { reason: 'InvalidUpstream : no', status: 404 },
    want: 'NR',
  },
  {
    name: 'a serial number',
    operator: { values: ['certificateSerial'] },
    told: { certificateSerial: '0AF1' },
    want: '0af1',
  },
  {
    name: 'until when a certificate is good',
    operator: { values: ['certificateEnd'] },
    told: { certificateEnd: 'Mar  1 00:00:00 2100 GMT' },
    want: '2100-03-01T00:00:00.000Z',
  },
  { name: 'no time', operator: { values: ['certificateEnd'] }, told: { certificateEnd: 'soon' }, want: '' },
  {
    name: 'the usual time',
    operator: { values: ['time'] },
    told: { time: LEAP_DAY },
    want: '2024-02-29T13:05:09.042Z',
  },
  { name: 'the first time', operator: { values: ['time'] }, told: { time: 0 }, want: '1970-01-01T00:00:00.000Z' },
  {
    name: 'the last day',
    operator: { values: ['time'] },
    told: { time: 1_735_689_599_999 },
    want: '2024-12-31T23:59:59.999Z',
  },
  {
    name: 'the parts of a time',
    operator: {
      values: ['time'],
      time: [
        { unit: 'epoch' },
        '.',
        { unit: 'fraction', digits: 6 },
        ' ',
        { unit: 'weekdayName' },
        ' ',
        { unit: 'weekdayShort' },
        ' ',
        { unit: 'weekday' },
        ' ',
        { unit: 'monthName' },
        ' ',
        { unit: 'monthShort' },
        ' ',
        { unit: 'dayOfYear', digits: 3 },
        ' ',
        { unit: 'yearOfCentury', digits: 2 },
        ' ',
        { unit: 'hour12', digits: 2 },
        { unit: 'half' },
      ],
    },
    told: { time: LEAP_DAY },
    want: '1709211909.042000 Thursday Thu 4 February Feb 060 24 01PM',
  },
  {
    name: 'the day of a year behind a leap day',
    operator: {
      values: ['time'],
      time: [
        { unit: 'dayOfYear', digits: 3 },
        { unit: 'fraction', digits: 1 },
      ],
    },
    told: { time: Date.UTC(2024, 11, 31) },
    want: '3660',
  },
  {
    name: 'the day of a year at its beginning, at midnight',
    operator: {
      values: ['time'],
      time: [{ unit: 'dayBlank' }, { unit: 'dayOfYear', digits: 3 }, { unit: 'hour12', digits: 2 }, { unit: 'half' }],
    },
    told: { time: Date.UTC(2023, 0, 1) },
    want: ' 100112AM',
  },
];
