import { slotCount } from '../../event-store.ts';
import { slotOf } from '../../slot.ts';
import type { CheckpointAhead } from './check-checkpoints.sql.ts';
import type { UnevenSlot } from './check-heads.sql.ts';
import type { MapRow } from './check-map.sql.ts';
import type { PositionsRow } from './check-positions.sql.ts';
import type { StreamRow } from './check-streams.sql.ts';
import type { Finding } from './finding.ts';

export function* mapFindings({ slots, lost, confused }: MapRow): Iterable<Finding> {
  if (slots !== slotCount) {
    yield { check: 'map', where: 'slots', problem: `there are ${slots} instead of ${slotCount}` };
  }
  for (const slot of lost) yield { check: 'map', where: `slot ${slot}`, problem: 'its partition has no table' };
  for (const slot of confused) {
    yield { check: 'map', where: `slot ${slot}`, problem: 'it is moving from the partition where it is' };
  }
}

export function* positionFindings({ slot, head, events, last, broken }: PositionsRow): Iterable<Finding> {
  const finding = (problem: string): Finding => ({ check: 'positions', where: `slot ${slot}`, problem });
  if (broken !== null) yield finding(`position ${broken} does not follow the one before it`);
  if (last !== head) yield finding(`its head is ${head} and its last event has position ${last}`);
  // Said only where nothing else was: a hole and its count are one fault.
  if (broken === null && last === head && events !== head) yield finding(`it has ${events} events up to head ${head}`);
}

export function* streamFindings(row: StreamRow): Iterable<Finding> {
  const finding = (check: string, problem: string): Finding => ({ check, where: row.stream, problem });
  if (slotOf(row.stream) !== row.slot) {
    yield finding('streams', `it is in slot ${row.slot} and its name belongs to ${slotOf(row.stream)}`);
  }
  if (row.elsewhere !== '0') yield finding('streams', `${row.elsewhere} of its events are in another slot`);
  if (row.broken !== null) yield finding('versions', `version ${row.broken} does not follow the one before it`);
  if (row.last !== row.version) {
    yield finding('versions', `its version is ${row.version} and its last event has version ${row.last}`);
  }
  if (row.guard !== row.last_lifecycle) {
    yield finding('guards', `its guard is ${row.guard} and its last lifecycle event has version ${row.last_lifecycle}`);
  }
  if (row.repeated !== '0') yield finding('ids', `${row.repeated} of its events have the id of another one`);
  if (row.altered !== null) yield finding('content', `what version ${row.altered} says is not what was appended`);
}

export function* unevenFindings({ slot, head, versions }: UnevenSlot): Iterable<Finding> {
  const problem = `its head is ${head} and its streams have ${versions} events`;
  yield { check: 'heads', where: `slot ${slot}`, problem };
}

export function* checkpointFindings({ reader, slot, position, head }: CheckpointAhead): Iterable<Finding> {
  const problem = `it has read slot ${slot} to ${position}, and the log ends at ${head}`;
  yield { check: 'checkpoints', where: reader, problem };
}
