/** Records as one array a column, in the order of the statement's parameters. @param records not empty */
export function columnsOf(records: readonly (readonly unknown[])[]): unknown[][] {
  return records[0]!.map((_, column) => records.map((record) => record[column]));
}
