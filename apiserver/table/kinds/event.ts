import { type JsonObject, numberAt, objectAt, textAt } from '../../schema/json.ts';
import { ageOf } from '../age.ts';
import { text, wide } from '../column.ts';

export const eventColumns = [
  text('Last Seen', 'The time of the most recent occurrence of this event.', (event, now) =>
    ageOf(lastSeen(event), now),
  ),
  text('Type', 'Normal or Warning; more may come.', (event) => textAt(event, 'type')),
  text('Reason', 'Why the change of state happened, for programs.', (event) => textAt(event, 'reason')),
  text('Object', 'What the event is about.', (event) => {
    const about = objectAt(event, 'involvedObject');
    return `${textAt(about, 'kind').toLowerCase()}/${textAt(about, 'name')}`;
  }),
  wide(text('Subobject', 'The part of the object.', (event) => textAt(objectAt(event, 'involvedObject'), 'fieldPath'))),
  wide(text('Source', 'The component that reports the event.', sourceOf)),
  text('Message', 'What happened, for people.', (event) => textAt(event, 'message').trim()),
  wide(text('First Seen', 'The time of the first occurrence.', (event, now) => ageOf(firstSeen(event), now))),
  wide(text('Count', 'How often the event has occurred.', (event) => String(countOf(event)))),
  wide({
    ...text('Name', 'The name of the event.', (event) => textAt(objectAt(event, 'metadata'), 'name')),
    format: 'name',
  }),
];

function firstSeen(event: JsonObject): string {
  return textAt(event, 'firstTimestamp') || textAt(event, 'eventTime');
}

function lastSeen(event: JsonObject): string {
  return textAt(objectAt(event, 'series'), 'lastObservedTime') || textAt(event, 'lastTimestamp') || firstSeen(event);
}

function countOf(event: JsonObject): number {
  return numberAt(objectAt(event, 'series'), 'count') ?? numberAt(event, 'count') ?? 1;
}

function sourceOf(event: JsonObject): string {
  const source = objectAt(event, 'source');
  const component = textAt(source, 'component') || textAt(event, 'reportingComponent');
  const host = textAt(source, 'host') || textAt(event, 'reportingInstance');
  return [component, host].filter((each) => each !== '').join(', ');
}
