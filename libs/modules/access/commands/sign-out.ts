import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { Sessions } from '../authentication/sessions.ts';
import { hashOf } from '../secrets.ts';

const deleteSession = `
  delete from sessions where session_hash = $1
`;

/** Ends a browser's session; one that has ended already is fine. */
export class SignOut extends Command<void> {
  constructor(readonly session: string) {
    super();
  }
}

@CommandHandler(SignOut)
export class SignOutHandler implements ICommandHandler<SignOut> {
  constructor(
    private readonly database: DataSource,
    private readonly sessions: Sessions,
  ) {}

  async execute({ session }: SignOut): Promise<void> {
    await this.database.query(deleteSession, [hashOf(session)]);
    this.sessions.forget();
  }
}
