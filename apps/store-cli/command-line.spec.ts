import { describe, expect, it } from 'vitest';
import { parseCommandLine, UsageError } from './command-line.ts';
import { ProgressLine } from '#platform/terminal';

describe('the command line of the store', () => {
  it('is a command, its partition and options', () => {
    expect(parseCommandLine(['split', '7', '--json', '--seconds', '0.5', '--capacity', '20000'])).toEqual({
      command: 'split',
      partition: 7,
      json: true,
      sampleFor: 500,
      runs: 200,
      projects: 3,
      yes: false,
      capacity: 20_000,
    });
    expect(parseCommandLine(['verify'])).toMatchObject({ command: 'verify', json: false, sampleFor: 5_000 });
    expect(parseCommandLine(['new-epoch', '--yes'])).toMatchObject({ command: 'new-epoch', yes: true });
    expect(parseCommandLine(['verify', '--runs', 'all'])).toMatchObject({ runs: 'all', projects: 3 });
    expect(parseCommandLine(['verify', '--projects', '0'])).toMatchObject({ runs: 200, projects: 0 });
    const erase = parseCommandLine(['erase', '--project', 'shop', '--run', 'r.1']);
    expect(erase).toMatchObject({ command: 'erase', run: { projectId: 'shop', runId: 'r.1' } });
    expect(parseCommandLine(['read-export', 'a.gz'])).toMatchObject({ command: 'read-export', file: 'a.gz' });
    expect(parseCommandLine(['split', '--help'])).toBeUndefined();
  });

  it.each([
    [[], 'Which command?'],
    [['merge'], 'There is no command "merge"'],
    [['split'], 'split needs the number of a partition'],
    [['drain', 'seven'], 'drain needs the number of a partition'],
    [['verify', '7'], 'verify does not take "7"'],
    [['partitions', '--seconds', '0'], '--seconds needs a number above 0'],
    [['partitions', '--capacity', '-1'], 'capacity'],
    [['partitions', '--force'], '--force'],
    [['verify', '--runs', 'many'], '--runs needs a number of runs'],
    [['erase', '--project', 'shop'], 'erase needs a run'],
    [['erase', '--project', 'shop', '--run', 'a/b'], 'erase needs a run'],
    [['read-export'], 'read-export needs a file'],
    [['read-export', 'a', 'b'], 'does not take "b"'],
  ])('%j is refused with what is wrong', (args, says) => {
    expect(() => parseCommandLine(args)).toThrow(UsageError);
    expect(() => parseCommandLine(args)).toThrow(says);
  });
});

describe('progress', () => {
  const shownOn = (isTTY: boolean): string => {
    let text = '';
    const line = new ProgressLine({ isTTY, write: (more) => (text += more) });
    for (const done of [0, 0.01, 0.5, 0.51]) line.show('moving', done);
    line.show('finished', undefined);
    line.clear();
    return text;
  };

  it('is a line now and then where there is no terminal', () => {
    expect(shownOn(false)).toBe('moving 0 %\nmoving 50 %\nfinished\n');
  });

  it('is a bar on a terminal, and gone when it is over', () => {
    expect(shownOn(true)).toContain(`moving [${'#'.repeat(15)}${'-'.repeat(15)}] 50 %`);
    expect(shownOn(true).endsWith('\r\x1b[K')).toBe(true);
  });
});
