import type { CommandBus, ICommand } from '@nestjs/cqrs';
import type { Tracing } from '#platform/observability';

/** Lets traces see commands. The bus has no hook for what goes around them; only a gateway that traces has its own replaced. */
export function traceCommands(bus: CommandBus, tracing: Tracing): void {
  const execute = bus.execute.bind(bus);
  bus.execute = (command: ICommand) => tracing.command(command.constructor.name, () => execute(command));
}
