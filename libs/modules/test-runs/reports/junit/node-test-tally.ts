/**
 * The counts that node:test writes as comments at the end of its report (`<!-- fail 2 -->`). Its XML leaves out the failure
 * of a test that has subtests, when it is the test's own and all of these passed: the comments alone tell of it.
 */
export class NodeTestTally {
  failed = 0;

  read(comment: string): void {
    const [, count] = /^ (?:fail|cancelled) (\d{1,9}) $/.exec(comment) ?? [];
    this.failed += Number(count ?? 0);
  }
}
