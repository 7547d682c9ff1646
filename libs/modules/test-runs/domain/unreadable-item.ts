/** Stands for an item that is not even JSON, at its place in the request. */
export class UnreadableItem {
  constructor(readonly reason: string) {}
}
