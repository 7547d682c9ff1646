import { DomainError } from '#platform/kernel';

interface Place {
  line: number;
  column: number;
}

export function unreadable(message: string, { line, column }: Place): DomainError {
  return new DomainError('report.unreadable', `${message} (line ${line}, column ${column}). Nothing was stored.`, {
    details: { line, column },
  });
}

export function truncated({ line, column }: Place): DomainError {
  return new DomainError(
    'report.truncated',
    `The report ends in the middle (line ${line}, column ${column}). Nothing was stored.`,
    { details: { line, column } },
  );
}

export function refused(message: string, { line, column }: Place): DomainError {
  return new DomainError('report.refused', `${message} (line ${line}, column ${column}). Nothing was stored.`, {
    details: { line, column },
  });
}
