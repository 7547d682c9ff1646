import type { Message } from './message.ts';

/** Answers with the reply's data, now or later; throws a DomainError for an error reply. */
export type MessageHandler = (message: Message) => unknown;

/** The one table of all handlers: those of the platform and those of the modules' gateways. */
export class HandlerTable {
  private readonly handlers = new Map<string, MessageHandler>();

  /** Throws at start when two handlers claim a type: the second would silently never be called. */
  add(type: string, handler: MessageHandler): void {
    if (this.handlers.has(type)) throw new Error(`two handlers are declared for messages of type "${type}"`);
    this.handlers.set(type, handler);
  }

  /** Types of all messages that are handled. */
  get types(): string[] {
    return [...this.handlers.keys()];
  }

  get(type: string): MessageHandler | undefined {
    return this.handlers.get(type);
  }
}
